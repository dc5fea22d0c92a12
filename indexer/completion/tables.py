"""Sorted tables of n-grams: counted from a piece of a corpus, added up, their rare ones dropped."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.jit import compiled

Keys = NDArray[np.int64]
Sums = NDArray[np.int32]


class Table(NamedTuple):
    """Keys, ascending, each with how often it occurred and in how many documents. Shapes: (n,) each."""

    keys: Keys
    counts: Sums
    documents: Sums

    def at(self, places: NDArray[np.integer[Any] | np.bool_]) -> "Table":
        """Those at these places, or where a mask says so."""
        return Table(self.keys[places], self.counts[places], self.documents[places])


EMPTY = Table(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int32))


def tally(keys: Keys, documents: Sums) -> Table:
    """The table of keys as they occur, each in a document, whose numbers do not fall."""
    order = np.argsort(keys, kind="stable")
    return Table(*_tallied(keys[order], documents[order]))


def added(one: Table, other: Table) -> Table:
    """Both tables as one, of documents that are in only one of them."""
    return Table(*_merged(*one, *other))


@compiled
def _tallied(keys: Keys, documents: Sums) -> tuple[Keys, Sums, Sums]:
    """Equal keys stand side by side, their documents in order."""
    n = 0
    found = np.empty_like(keys)
    counts, held = np.zeros(len(keys), np.int32), np.zeros(len(keys), np.int32)
    for i in range(len(keys)):
        if i == 0 or keys[i] != keys[i - 1]:
            found[n] = keys[i]
            n += 1
            held[n - 1] += 1
        elif documents[i] != documents[i - 1]:
            held[n - 1] += 1
        counts[n - 1] += 1
    return found[:n].copy(), counts[:n].copy(), held[:n].copy()


@compiled
def _merged(
    keys: Keys, counts: Sums, documents: Sums, other_keys: Keys, other_counts: Sums, other_documents: Sums
) -> tuple[Keys, Sums, Sums]:
    size = len(keys) + len(other_keys)
    merged = np.empty(size, np.int64)
    sums, held = np.empty(size, np.int32), np.empty(size, np.int32)
    i = j = n = 0
    while i < len(keys) or j < len(other_keys):
        from_one = j == len(other_keys) or (i < len(keys) and keys[i] <= other_keys[j])
        from_other = i == len(keys) or (j < len(other_keys) and other_keys[j] <= keys[i])
        merged[n] = keys[i] if from_one else other_keys[j]
        sums[n] = held[n] = 0
        if from_one:
            sums[n] += counts[i]
            held[n] += documents[i]
            i += 1
        if from_other:
            sums[n] += other_counts[j]
            held[n] += other_documents[j]
            j += 1
        n += 1
    return merged[:n].copy(), sums[:n].copy(), held[:n].copy()
