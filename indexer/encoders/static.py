"""Static word vectors: one vector per word, whatever its context."""

from collections.abc import Mapping, Sequence
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from indexer.encoders.bag import BagEncoder
from indexer.encoders.base import Analyse, Vector
from indexer.encoders.files import (
    Description,
    check_fingerprint,
    fingerprint_of,
    load_description,
    load_terms,
    save_description,
    save_terms,
)
from indexer.errors import MismatchError
from indexer.storage.arrays import array_bytes, load_array, save_array
from indexer.types import Vectors

VERSION = 1

VOCABULARY = "vocabulary.txt"
VECTORS = "vectors.npy"
WEIGHTS = "weights.npy"


class StaticVectors(BagEncoder):
    """A vocabulary with a vector and a weight for each word; a text is the weighted mean of its words.

    Shapes: vectors (n_terms, dims), weights (n_terms,).
    Raises: MismatchError where vocabulary, vectors and weights do not fit together."""

    def __init__(
        self,
        type: str,
        vocabulary: Sequence[str],
        vectors: Vectors,
        weights: Vector,
        parameters: Mapping[str, Any],
        analyse: Analyse,
    ) -> None:
        super().__init__(analyse)
        self.type = type
        self.vocabulary = vocabulary
        self.vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        self.weights = np.ascontiguousarray(weights, dtype=np.float32)
        self.parameters = parameters
        self._rows = {term: row for row, term in enumerate(vocabulary)}
        self._check()
        self.fingerprint = fingerprint_of(
            type,
            VERSION,
            parameters,
            ["\n".join(vocabulary).encode(), array_bytes(self.vectors), array_bytes(self.weights)],
        )

    @property
    def dims(self) -> int:
        """The length of its vectors."""
        return int(self.vectors.shape[1])

    def word(self, term: str) -> tuple[Vector, float] | None:
        """The vector and the weight of a term; None where it is not known."""
        row = self._rows.get(term)
        return None if row is None else (self.vectors[row], float(self.weights[row]))

    def sums(self, batch: Sequence[Sequence[str]]) -> Vectors:
        """Σ weight · vector of each text. Shapes: (n, dims)."""
        rows = np.fromiter(map(self._rows.get, chain.from_iterable(batch), repeat(-1)), np.int32)
        known = rows >= 0
        ends = np.cumsum([0, *map(len, batch)])
        # (n, n_terms): how often each text has each word
        bag = csr_array(
            (np.ones(np.count_nonzero(known), np.float32), rows[known], np.append(0, np.cumsum(known))[ends]),
            shape=(len(batch), len(self.vocabulary)),
        )
        bag.sum_duplicates()  # also sorts, so that a sum does not depend on the order of the words
        bag.data *= self.weights[bag.indices]
        return np.asarray(bag @ self.vectors)

    def save(self, folder: Path) -> None:
        """Writes it into `folder`, which is created where needed."""
        folder.mkdir(parents=True, exist_ok=True)
        save_terms(folder / VOCABULARY, self.vocabulary)
        save_array(folder / VECTORS, self.vectors)
        save_array(folder / WEIGHTS, self.weights)
        save_description(folder, Description(self.type, VERSION, self.parameters, self.fingerprint))

    @classmethod
    def load(cls, type: str, folder: Path, analyse: Analyse) -> "StaticVectors":
        """The vectors that `save` wrote; their array is memory-mapped.

        Raises: CorruptError, FormatError, MismatchError."""
        description = load_description(folder, type, VERSION)
        vocabulary = load_terms(folder / VOCABULARY)
        vectors, weights = load_array(folder / VECTORS), load_array(folder / WEIGHTS)
        loaded = cls(type, vocabulary, vectors, weights, description.parameters, analyse)
        check_fingerprint(folder, description, loaded.fingerprint)
        return loaded

    def _check(self) -> None:
        n_terms = len(self.vocabulary)
        if self.vectors.ndim != 2 or len(self.vectors) != n_terms or self.weights.shape != (n_terms,):
            raise MismatchError(
                f"{n_terms} words want as many vectors and weights; found arrays of shapes "
                f"{self.vectors.shape} and {self.weights.shape}: train or import the vectors again."
            )
        if len(self._rows) != n_terms:
            raise MismatchError(
                f"{n_terms - len(self._rows)} words are in the vocabulary twice: keep one vector of each."
            )
