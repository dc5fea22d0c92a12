"""Words with their vectors, as they are trained or read from a file, before anything is made of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.base import Vector, WordEncoder
from indexer.encoders.subwords import Subwords
from indexer.types import Vectors


@dataclass(frozen=True, slots=True)
class WordVectors:
    """A vector for each word; with subwords, which a file of plain vectors has not, also one for others.

    Shapes: vectors (n_words, dims); counts (n_words,): how often each word stood in the texts of training,
    None where that is not known. Words come most frequent first, and each once."""

    words: Sequence[str]
    vectors: Vectors
    counts: NDArray[np.int64] | None = None
    subwords: Subwords | None = None

    @property
    def dims(self) -> int:
        """The length of the vectors."""
        return int(self.vectors.shape[1])


@runtime_checkable
class WordSpace(WordEncoder, Protocol):
    """An encoder that has learned a vocabulary."""

    @property
    def words(self) -> WordVectors:
        """The words that it has learned, with their vectors."""

    def nearest(self, vector: Vector, limit: int, without: Collection[str] = ()) -> list[tuple[str, float]]:
        """The learned terms whose vectors are nearest to one, but for some, with their cosines.

        Shapes: vector (dims,). Ties: the more frequent term."""
