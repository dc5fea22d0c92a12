"""The seam between vectors and rankings: what every index of vectors offers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.types import Allowed, Ordinals, Ranking, Scores, Vectors

Vector = NDArray[np.float32]  # (dims,)


@dataclass(frozen=True, slots=True)
class KnownScores:
    """Scores of documents that were asked for. Shapes: scores (n,), present (n,).

    A document without a vector is not present, and its score means nothing."""

    scores: Scores
    present: NDArray[np.bool_]


class VectorIndex(Protocol):
    """Vectors of length 1, each row belonging to a document; the score of a document is its best row's.

    A document has any number of rows; one without rows is in no ranking. Scores are cosines in units of
    2⁻²⁰, of the rows as the index keeps them, which may be compressed; they depend on the query and the
    document alone. Any number of threads may search."""

    @property
    def exact(self) -> bool:
        """Whether `search` always finds the best documents, by their rows as they were added."""

    @property
    def dims(self) -> int:
        """The length of the vectors."""

    def search(self, query: Vector, depth: int, allowed: Allowed | None = None) -> Ranking:
        """The best `depth` documents of those that have a vector and are allowed, none that is not; where the
        index is exact, exactly these, ties at the cut included.

        Shapes: query (dims,), allowed (n_docs,), None for all. Ties: smaller ordinal.
        Raises: InputError where the query is not finite, not of length 1, or of the wrong shape."""

    def scores(self, query: Vector, ordinals: Ordinals) -> KnownScores:
        """The scores that `search` gives to these documents, in any order. Raises: as `search`."""

    def vector(self, ordinal: int) -> Vectors:
        """The rows of a document as the index keeps them, a copy. Shapes: (n, dims), n = 0: it has none."""

    def holds(self, ordinal: int, vectors: Vectors) -> bool:
        """Whether these are the rows that were added for a document, as far as the index can tell.

        Shapes: (n, dims)."""


class VectorStore(VectorIndex, Protocol):
    """The vectors of one segment, built by one thread, saved, loaded. One that was loaded takes no more
    rows."""

    @property
    def n_rows(self) -> int:
        """How many vectors there are."""

    @property
    def n_docs(self) -> int:
        """How many documents have a vector."""

    def add(self, vectors: Vectors, ordinals: Ordinals) -> None:
        """Appends rows. Shapes: vectors (n, dims), ordinals (n,), never falling, also across calls.

        Raises: InputError where a vector is not finite, not of length 1, or of the wrong shape."""

    def save(self, folder: Path, name: str) -> None:
        """Writes its files, whose names begin with `name`, into a folder that is there."""
