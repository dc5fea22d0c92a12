"""What the indexes of vectors have in common: checks of their rows, exact scores, the order of hits."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.errors import InputError
from indexer.types import Allowed, Ordinals, Ranking, Scores, Vectors, to_score
from indexer.vectors.base import KnownScores, Vector

LENGTH_TOLERANCE = 1e-3
"""How far from 1 the length of a vector may be; float32 stays far below."""

SAME = 1e-5
"""Vectors of one text may differ by so much in each number when it was encoded beside others."""

BLOCK = 4096
"""Rows that are scored at once, which bounds the memory of a long list. So few are scored without a search,
which would cost as much."""

Rows = NDArray[np.integer[Any]]  # (n,): places of vectors


class RowIndex(ABC):
    """Rows and their documents; a kind of index adds where the rows are and how the best are found."""

    exact: bool = True

    def __init__(self, dims: int) -> None:
        self.dims = dims
        self._sealed = False
        self._set_ordinals(np.empty(0, np.int32))

    def _set_ordinals(self, ordinals: Ordinals) -> None:
        """The document of each row, never falling: equal ones are side by side."""
        self._row_ordinals = ordinals
        self.n_docs = int(np.count_nonzero(np.diff(ordinals, prepend=np.int32(-1))))

    def _seal(self, ordinals: Ordinals) -> None:
        """Ends the loading of an index from its files."""
        self._set_ordinals(ordinals)
        self._sealed = True

    @abstractmethod
    def _rows(self, rows: Rows) -> Vectors:
        """The rows at these places, as they are kept. Shapes: (n,) → (n, dims)."""

    @abstractmethod
    def _append(self, vectors: Vectors) -> None:
        """Takes rows that are checked."""

    @abstractmethod
    def _search(self, query: Vector, depth: int, among: Allowed | None) -> Ranking:
        """The best `depth` documents of some rows: among (n_rows,), None for all. The query is checked, and
        1 ≤ depth ≤ the number of documents, or of those rows."""

    @property
    def n_rows(self) -> int:
        """How many vectors there are."""
        return len(self._row_ordinals)

    def add(self, vectors: Vectors, ordinals: Ordinals) -> None:
        """Appends rows, in the order of their documents. Raises: InputError; then nothing is added."""
        # FAISS ends the process when rows are added to a mapped file.
        assert not self._sealed, "an index that was loaded takes no more rows"
        rows = checked_vectors(vectors, self.dims)
        last = int(self._row_ordinals[-1]) if self.n_rows else 0
        row_ordinals = _checked_ordinals(ordinals, len(rows), last)
        self._append(rows)
        self._set_ordinals(np.concatenate((self._row_ordinals, row_ordinals)))

    def search(self, query: Vector, depth: int, allowed: Allowed | None = None) -> Ranking:
        """The best `depth` documents that are allowed, exactly. Ties: smaller ordinal. Raises: InputError."""
        vector = checked_vectors(np.asarray(query)[None], self.dims)[0]
        among = None if allowed is None else allowed[self._row_ordinals]
        n_rows = self.n_rows if among is None else int(np.count_nonzero(among))
        depth = min(depth, self.n_docs, n_rows)
        if depth < 1:
            return Ranking.empty()
        if among is not None and n_rows <= BLOCK:
            return self._rank(vector, np.flatnonzero(among), depth)
        return self._search(vector, depth, among)

    def scores(self, query: Vector, ordinals: Ordinals) -> KnownScores:
        """The scores that `search` gives to these documents, in any order. Raises: InputError."""
        vector = checked_vectors(np.asarray(query)[None], self.dims)[0]
        starts, ends = self._span(ordinals)
        present = ends > starts
        starts, counts = starts[present], (ends - starts)[present]
        firsts = np.cumsum(counts) - counts  # where each document's rows begin in `rows`
        rows = np.arange(counts.sum()) + np.repeat(starts - firsts, counts)
        scores = np.zeros(len(ordinals), np.int64)
        if len(rows):
            scores[present] = np.maximum.reduceat(self._score(vector, rows), firsts)
        return KnownScores(scores, present)

    def vector(self, ordinal: int) -> Vectors:
        """The rows of a document, a copy. Shapes: (n, dims), n = 0 where it has none."""
        starts, ends = self._span(np.array([ordinal], np.int32))
        return self._rows(np.arange(starts[0], ends[0]))

    def holds(self, ordinal: int, vectors: Vectors) -> bool:
        """Whether these are the rows that were added for a document, to what a batch may change in a vector.
        Shapes: (n, dims)."""
        rows = self.vector(ordinal)
        return rows.shape == vectors.shape and bool(np.all(np.abs(rows - vectors) <= SAME))

    def _span(self, ordinals: Ordinals) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        return (
            np.searchsorted(self._row_ordinals, ordinals, side="left"),
            np.searchsorted(self._row_ordinals, ordinals, side="right"),
        )

    def _rank(self, query: Vector, rows: Rows, depth: int) -> Ranking:
        """The best `depth` documents of these rows, each once with its best row."""
        scores, ordinals = self._score(query, rows), self._row_ordinals[rows]
        order = np.lexsort((ordinals, -scores))
        if self.n_rows == self.n_docs:
            return Ranking(ordinals[order[:depth]], scores[order[:depth]])
        _, first = np.unique(ordinals[order], return_index=True)
        best = order[np.sort(first)[:depth]]
        return Ranking(ordinals[best], scores[best])

    def _score(self, query: Vector, rows: Rows) -> Scores:
        """The score of each of these rows; it is the same whatever other rows are asked for."""
        wide = query.astype(np.float64)
        scores = np.empty(len(rows), np.int64)
        for first in range(0, len(rows), BLOCK):
            block = slice(first, first + BLOCK)
            # Not a matrix product: BLAS adds in an order that depends on how many rows there are.
            scores[block] = to_score((self._rows(rows[block]) * wide).sum(axis=1))
        return scores


def middle(vectors: Vectors) -> Vector:
    """The direction of the mean of vectors; the first of them where they have none in common.

    Shapes: (n, dims), n ≥ 1, of length 1, but for what compressing changed → (dims,), of length 1."""
    total = vectors.sum(axis=0, dtype=np.float64)
    length = np.linalg.norm(total)
    as_it_is = len(vectors) == 1 and abs(length - 1) <= LENGTH_TOLERANCE
    if as_it_is or not length:
        return np.asarray(vectors[0])
    return np.asarray(total / length, np.float32)


def checked_vectors(vectors: NDArray[Any], dims: int) -> Vectors:
    """The vectors as contiguous float32. Shapes: (n, dims).

    Raises: InputError where they are not finite, not of length 1, or of the wrong shape."""
    if vectors.ndim != 2 or vectors.shape[1] != dims:
        raise InputError(
            f"Vectors of {dims} dimensions were wanted, found an array of shape {vectors.shape}: "
            "use the encoder that the index was built with.",
            code="wrong_dims",
        )
    lengths = np.sqrt(np.square(vectors, dtype=np.float64).sum(axis=1))
    # Written so that NaN is refused too: FAISS would take it, and answer with label −1.
    wrong = np.flatnonzero(~(np.abs(lengths - 1) <= LENGTH_TOLERANCE))
    if len(wrong):
        raise InputError(
            f"Vectors of length 1 were wanted, row {wrong[0]} has length {lengths[wrong[0]]}: "
            "normalise vectors, and leave out texts without one.",
            code="not_a_unit_vector",
        )
    return np.ascontiguousarray(vectors, dtype=np.float32)


def _checked_ordinals(ordinals: Ordinals, n_rows: int, last: int) -> Ordinals:
    checked: Ordinals = np.ascontiguousarray(ordinals, dtype=np.int32)
    if checked.shape != (n_rows,) or np.any(np.diff(checked, prepend=np.int32(last)) < 0):
        raise InputError(
            f"{n_rows} ordinals were wanted, none below {last} or below the one before it; found "
            f"{len(checked)}: {checked[:10].tolist()}. Add documents in their order."
        )
    return checked
