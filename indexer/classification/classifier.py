"""A classifier as it is served: fully connected layers over the features of a document.

Of features x: h_0 = x, h_{i+1} = max(h_i W_i + b_i, 0), and the probabilities are the softmax of the last
layer without its max. A linear one has one layer: multinomial logistic regression."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.classification.base import Features
from indexer.errors import MismatchError
from indexer.types import Vectors, Weights


class Layer(NamedTuple):
    """Shapes: weights (n_in, n_out), bias (n_out,)."""

    weights: Vectors
    bias: Vectors


@dataclass(frozen=True, slots=True)
class Guess:
    """A label, and how probable it is."""

    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class Classifier:
    """Features to labels. Raises: MismatchError where the layers do not fit together."""

    labels: Sequence[str]
    layers: Sequence[Layer]

    def __post_init__(self) -> None:
        ends = [*(len(layer.weights) for layer in self.layers[1:]), len(self.labels)]
        for (weights, bias), end in zip(self.layers, ends, strict=True):
            if weights.ndim != 2 or weights.shape[1] != end or bias.shape != (end,):
                raise MismatchError("The layers of the classifier do not fit together: train it again.")

    def probabilities(self, features: Features) -> Weights:
        """How probable each label is. Shapes: (n, n_features) → (n, n_labels); each row sums to 1."""
        found: NDArray[np.float64] | Features = features
        for number, layer in enumerate(self.layers):
            found = np.asarray(found @ layer.weights.astype(np.float64)) + layer.bias
            if number + 1 < len(self.layers):
                found = np.maximum(found, 0)
        logits = np.asarray(found, np.float64)
        rising = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: Weights = rising / rising.sum(axis=1, keepdims=True)
        return shares

    def guesses(self, features: Features, limit: int) -> list[list[Guess]]:
        """The most probable labels of each document, at most so many. Ties: the label that comes first."""
        found = self.probabilities(features)
        best = np.argsort(-found, axis=1, kind="stable")[:, :limit]
        return [
            [Guess(self.labels[place], float(row[place])) for place in places]
            for row, places in zip(found, best.tolist(), strict=True)
        ]

    def shares(self, row: Mapping[int, float], label: str) -> Mapping[int, float]:
        """What each feature of a document adds to the logit of a label, more than to the mean of all labels;
        nothing where there is a hidden layer, in which features are mixed."""
        if len(self.layers) > 1:
            return {}
        weights = self.layers[0].weights
        place = list(self.labels).index(label)
        return {at: value * float(weights[at, place] - weights[at].mean()) for at, value in row.items()}
