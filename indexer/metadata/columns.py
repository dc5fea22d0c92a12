"""The values of one path and kind: which documents hold which of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.metadata.values import Kind, Values
from indexer.types import Ordinals

Mask = NDArray[np.bool_]
Codes = NDArray[np.int32]

NONE = -1
"""The code of a document without a value."""

_FEW = 64
"""One document in so many entries: fewer are searched for, of more the entries are counted."""


@dataclass(frozen=True, slots=True)
class Column:
    """Entries (document, value), ascending by document, then by value; each once.

    Shapes: ordinals (n,), codes (n,). `n_holders`: how many documents have an entry."""

    kind: Kind
    values: Values
    ordinals: Ordinals
    codes: Codes
    n_docs: int
    n_holders: int

    @property
    def dense(self) -> bool:
        """Whether every document has exactly one entry, so that its ordinal is the entry's place."""
        return len(self.codes) == self.n_holders == self.n_docs

    def holders(self, wanted: Mask) -> Mask:
        """The documents with any of the wanted values; wanted (n_values,), the answer (n_docs,)."""
        if not wanted.any():
            return np.zeros(self.n_docs, np.bool_)
        chosen = wanted[self.codes]
        if self.dense:
            return chosen
        return scattered(self.ordinals[chosen], self.n_docs)

    def entries(self, ordinals: Ordinals) -> NDArray[np.int64]:
        """The places of the entries of some documents, each of which is named once; those of one document
        stand together."""
        if self.dense:
            return ordinals.astype(np.int64)
        begins, ends = self._places(ordinals)
        sizes = ends - begins
        steps = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        places: NDArray[np.int64] = np.repeat(begins, sizes) + steps
        return places

    def smallest(self, ordinals: Ordinals) -> Codes:
        """The code of the smallest value of each document, or `NONE`."""
        if self.dense:
            return self.codes[ordinals]
        begins, ends = self._places(ordinals)
        return self._codes_at(begins, ends > begins)

    def largest(self, ordinals: Ordinals) -> Codes:
        """The code of the largest value of each document, or `NONE`."""
        if self.dense:
            return self.codes[ordinals]
        begins, ends = self._places(ordinals)
        return self._codes_at(ends - 1, ends > begins)

    def _places(self, ordinals: Ordinals) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the entries of each document begin and end."""
        if len(ordinals) * _FEW < len(self.ordinals):
            wanted = ordinals.astype(self.ordinals.dtype, copy=False)  # of another type all would be copied
            return (
                np.searchsorted(self.ordinals, wanted, "left"),
                np.searchsorted(self.ordinals, wanted, "right"),
            )
        sizes = np.bincount(self.ordinals, minlength=self.n_docs)
        ends = np.cumsum(sizes)
        return (ends - sizes)[ordinals], ends[ordinals]

    def _codes_at(self, places: NDArray[np.int64], there: Mask) -> Codes:
        found = np.full(len(places), NONE, np.int32)
        found[there] = self.codes[places[there]]
        return found


def scattered(ordinals: NDArray[Any], n_docs: int) -> Mask:
    """True at these ordinals, (n_docs,)."""
    found = np.zeros(n_docs, np.bool_)
    found[ordinals] = True
    return found
