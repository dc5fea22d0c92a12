"""The seam of completion: which word comes next?"""

from collections.abc import Sequence
from typing import Protocol

from indexer.types import Weights

Context = Sequence[str]
"""The words before the one that is asked for, as they are written and folded, the last one beside it."""

MOST_CONTEXT = 64
"""Words of a context that a model may be asked with."""


class NextWordModel(Protocol):
    """Says of each word of a vocabulary how probable it is to come next. It is never changed once it is made;
    any number of threads may ask."""

    @property
    def name(self) -> str:
        """What answers call it."""

    def probabilities(self, contexts: Sequence[Context]) -> Weights:
        """How probable each word of the vocabulary is after each context, which may be empty, and may have
        words that the model does not know.

        Shapes: (n_contexts, n_words). Range: at least 0; a row sums to 1, and does not depend on the other
        contexts."""
