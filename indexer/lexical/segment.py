"""One store of counts with its serving form, as a part of an index, and what is measured in it once."""

from collections.abc import Mapping, Sequence
from copy import copy
from functools import cached_property, lru_cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.lexical.arrays import Arrays
from indexer.lexical.base import LexicalStore
from indexer.lexical.lookup import counts_at, n_among, tuples_of
from indexer.lexical.selection import Bits, as_allowed, bits, bits_of
from indexer.placement import Placement
from indexer.types import Counts, Weights

_KEPT_LANES = 64
_KEPT_LENGTHS = 64

MOST_CLASSES = 1 << 16
"""Different lengths that are told apart by 16 bits."""

Boosts = tuple[tuple[str, float], ...]
"""Fields that are read as one text, with what each counts."""


class Lane(NamedTuple):
    """A view of a group of fields: what has a length of its own.

    doc_len (n_docs,) · n_filled: documents that are not empty · totals: terms in each field of the group ·
    classes (n_classes,): the different lengths · codes (n_docs,): the class of each document, None where
    they are too many · tf (256,): what each code counts · n_codes: how many of them are in use, code 0
    included."""

    doc_len: Weights
    n_filled: int
    totals: tuple[int, ...]
    classes: Weights
    codes: NDArray[np.uint16] | None
    tf: Weights
    n_codes: int


class Held(NamedTuple):
    """Of some documents: how many hold a term in the fields of a group, and how often it stands in each."""

    df: int
    occurrences: tuple[int, ...]

    def plus(self, other: "Held", sign: int = 1) -> "Held":
        """Of these documents with the others, or without them where the sign is -1."""
        pairs = zip(self.occurrences, other.occurrences, strict=True)
        return Held(self.df + sign * other.df, tuple(one + sign * each for one, each in pairs))


class Segment:
    """Counts of documents that come and go together. Safe for any number of threads.

    What is measured is that of all its documents, whichever of them were replaced or deleted since."""

    def __init__(self, store: LexicalStore, arrays: Arrays, placement: Placement | None = None) -> None:
        self.store = store
        self.arrays = arrays
        self.placement = Placement.whole(store.n_docs) if placement is None else placement
        self.lane = lru_cache(maxsize=_KEPT_LANES)(partial(_measured, store, arrays))
        self.lengths = lru_cache(maxsize=_KEPT_LENGTHS)(store.lengths)
        self._held: dict[tuple[Boosts, int], Held] = {}

    def placed(self, placement: Placement) -> "Segment":
        """The same segment in another whole; what was measured stays known."""
        other = copy(self)
        other.placement = placement
        other.__dict__.pop("_live", None)
        return other

    def weights(self, fields: Boosts) -> Weights:
        """What each field of the segment counts."""
        return _weights(self.arrays, fields)

    def held(self, fields: Boosts, number: int) -> Held:
        """How often all documents hold a term."""
        known = self._held.get((fields, number))
        if known is None:
            counts, times = tuples_of(self.arrays, number)
            known = self._held[fields, number] = self._counted(fields, counts, times)
        return known

    def held_by_gone(self, fields: Boosts, number: int) -> Held:
        """How often those hold it that were replaced or deleted."""
        counts = counts_at(self.arrays, number, self.placement.gone)
        return self._counted(fields, counts, np.ones(len(counts), np.int64))

    def frequencies(self, view: str, terms: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        """(df, cf) of those of the terms that occur in documents that are there now."""
        found = self.store.frequencies(view, terms)
        if not len(self.placement.gone) or not found:
            return found
        fields = tuple((field, 1.0) for field in self.arrays.fields)
        left: dict[str, tuple[int, int]] = {}
        for (term, (df, cf)), number in zip(
            found.items(), self.arrays.numbers(view, list(found)).tolist(), strict=True
        ):
            gone = self.held_by_gone(fields, number)
            if df > gone.df:
                left[term] = df - gone.df, cf - sum(gone.occurrences)
        return left

    def df(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many documents that are there now hold each of these terms. Shapes: (n,) → (n,)."""
        df = self.arrays.postings.df[numbers].astype(np.int64)
        if len(self.placement.gone):
            df -= n_among(self.arrays, numbers, bits_of(self.placement.gone, self.store.n_docs))
        return df

    def inward(self, documents: Bits | None) -> Bits | None:
        """A set of all documents as one of the segment; None where it is all of the segment."""
        if self.placement.plain:
            return documents
        if documents is None:
            return self._live if len(self.placement.gone) else None
        return bits(self.placement.inward_mask(as_allowed(documents, self.placement.n_all)))

    @cached_property
    def _live(self) -> Bits:
        return bits_of(self.placement.live, self.store.n_docs)

    def _counted(self, fields: Boosts, counts: Counts, times: NDArray[np.int64]) -> Held:
        """Of counts by field, each of so many documents."""
        df = int(times[weighted(counts, self.weights(fields)) > 0].sum())
        by_field = dict(zip(self.arrays.fields, (counts * times[:, None]).sum(axis=0).tolist(), strict=True))
        return Held(df, tuple(by_field.get(field, 0) for field, _ in fields))


def weighted(counts: Counts, weights: Weights) -> Weights:
    """Σ weight · count over the fields. Shapes: (n, n_fields), (n_fields,) → (n,).

    Not a matrix product: BLAS adds in an order that depends on how many rows there are."""
    found = np.zeros(len(counts), np.float64)
    for column, weight in enumerate(weights.tolist()):
        if weight:
            found += weight * counts[:, column]
    return found


def _measured(store: LexicalStore, arrays: Arrays, fields: Boosts, view: str) -> Lane:
    doc_len = np.zeros(store.n_docs, np.float64)
    totals = []
    for field, boost in fields:
        lengths = store.lengths(view, field)
        doc_len += boost * lengths
        totals.append(int(lengths.sum(dtype=np.int64)))
    classes, codes = _classes(doc_len)
    tuples = arrays.postings.tuples[arrays.views.index(view)]
    return Lane(
        doc_len,
        int(np.count_nonzero(doc_len)),
        tuple(totals),
        classes,
        codes.astype(np.uint16) if len(classes) <= MOST_CLASSES else None,
        weighted(tuples, _weights(arrays, fields)),
        int(tuples.any(axis=1).nonzero()[0].max(initial=0)) + 1,
    )


def _weights(arrays: Arrays, fields: Boosts) -> Weights:
    boosts = dict(fields)
    return np.array([boosts.get(field, 0.0) for field in arrays.fields])


def _classes(doc_len: Weights) -> tuple[Weights, NDArray[np.intp]]:
    """The different lengths, ascending, and the place of each document's length among them."""
    whole = doc_len.astype(np.int64)
    if len(doc_len) and whole.max() < 1 << 22 and (whole == doc_len).all():
        there = np.bincount(whole) > 0  # counted, not sorted: most lengths are small whole numbers
        return np.flatnonzero(there).astype(np.float64), (np.cumsum(there) - 1)[whole]
    return np.unique(doc_len, return_inverse=True)
