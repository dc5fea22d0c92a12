"""Several language models as one: the weighted mean of what they say."""

from collections.abc import Mapping, Sequence

import numpy as np

from indexer.completion.base import Context, NextWordModel
from indexer.types import Weights

SHARE = 0.3
"""What all other models together count beside the first, that of the n-grams."""


class Mixture:
    """The linear interpolation of models of the same words: the first counts 1 − `SHARE` where there are
    others, which share the rest alike.

    Source: Jelinek, Mercer: Interpolated estimation of Markov source parameters from sparse data, 1980."""

    name = "mixture"

    def __init__(self, models: Sequence[NextWordModel]) -> None:
        self._models = models
        others = len(models) - 1
        self._weights = np.array([1 - SHARE, *[SHARE / others] * others] if others else [1.0])

    @property
    def names(self) -> Sequence[str]:
        """Of its models, in their order."""
        return [each.name for each in self._models]

    def probabilities(self, contexts: Sequence[Context]) -> Weights:
        """How probable each word is after each context. Shapes: (n_contexts, n_words)."""
        return self.mean(self.by_model(contexts))

    def by_model(self, contexts: Sequence[Context]) -> Weights:
        """The same by each model. Shapes: (n_models, n_contexts, n_words)."""
        return np.stack([each.probabilities(contexts) for each in self._models])

    def mean(self, by_model: Weights) -> Weights:
        """The weighted mean over models. Shapes: (n_models, …) → (…)."""
        return np.tensordot(self._weights, by_model, axes=1)


class Asked:
    """What a mixture says after some contexts, each of which it is asked once."""

    def __init__(self, mixture: Mixture) -> None:
        self._mixture = mixture
        self._found: dict[tuple[str, ...], Weights] = {}

    def ask(self, contexts: Sequence[Context]) -> None:
        """Asks after several contexts at once, which takes less time."""
        new = list(dict.fromkeys(each for each in map(tuple, contexts) if each not in self._found))
        if new:
            self._found |= zip(new, self._mixture.by_model(new).swapaxes(0, 1), strict=True)

    def after(self, context: Context) -> Weights:
        """How probable each word is after a context. Shapes: (n_words,)."""
        return self._mixture.mean(self._by_model(context))

    def by_model(self, context: Context, word: int) -> Mapping[str, float]:
        """What each model says of one word."""
        return dict(zip(self._mixture.names, self._by_model(context)[:, word].tolist(), strict=True))

    def _by_model(self, context: Context) -> Weights:
        self.ask([context])
        return self._found[tuple(context)]
