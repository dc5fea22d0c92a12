"""Static word vectors: one vector per word, whatever its context."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from indexer.encoders.bag import BagEncoder
from indexer.encoders.base import Analyse, Vector, Word
from indexer.encoders.files import (
    Description,
    check_fingerprint,
    fingerprint_of,
    load_description,
    load_report,
    save_description,
    save_report,
)
from indexer.encoders.wordfiles import described, load_words, save_words, words_bytes
from indexer.encoders.words import WordVectors
from indexer.errors import MismatchError
from indexer.storage.arrays import array_bytes, load_array, save_array
from indexer.types import Vectors

VERSION = 2

WEIGHTS = "weights.npy"


class StaticVectors(BagEncoder):
    """Words with a vector and a weight each; a text is the weighted mean of its words.

    Where the words have subwords, an unknown word has the vector that its characters give, and weighs
    `made_weight`. report: what is told of how the words came to be. Shapes: weights (n_words,).
    Raises: MismatchError where words, vectors and weights do not fit together."""

    def __init__(
        self,
        type: str,
        words: WordVectors,
        weights: Vector,
        parameters: Mapping[str, Any],
        analyse: Analyse,
        report: Mapping[str, Any],
        made_weight: float = 1.0,
    ) -> None:
        super().__init__(analyse)
        self.type = type
        self.words = words
        self.weights = np.ascontiguousarray(weights, dtype=np.float32)
        self.parameters = parameters
        self.report = report
        self._rows = {term: row for row, term in enumerate(words.words)}
        self.made_weight = made_weight
        self._check()
        self.fingerprint = fingerprint_of(
            type,
            VERSION,
            {"options": parameters, "made_weight": made_weight},
            [*words_bytes(words), array_bytes(self.weights)],
        )

    @property
    def dims(self) -> int:
        """The length of its vectors."""
        return self.words.dims

    def word(self, term: str) -> Word | None:
        """A term by itself; None where it is not known."""
        row = self._rows.get(term)
        if row is not None:
            return Word(self.words.vectors[row], float(self.weights[row]))
        made = None if self.words.subwords is None else self.words.subwords.vector(term)
        return None if made is None else Word(made, self.made_weight, made=True)

    def nearest(self, vector: Vector, limit: int, without: Collection[str] = ()) -> list[tuple[str, float]]:
        """The learned terms whose vectors are nearest to one, but for some, with their cosines.

        Shapes: vector (dims,). Ties: the more frequent term. None at all to a vector of length 0."""
        length = float(np.linalg.norm(vector))
        if not length:
            return []
        cosines = (self.words.vectors @ vector) / (self._lengths * np.float32(length))
        cosines[[self._rows[term] for term in without if term in self._rows]] = -np.inf
        limit = min(limit, len(cosines))
        best = np.sort(np.argpartition(-cosines, limit - 1)[:limit]) if limit else np.empty(0, np.int64)
        order = best[np.argsort(-cosines[best], kind="stable")]
        found = [(self.words.words[row], float(cosines[row])) for row in order.tolist()]
        return [each for each in found if each[1] > -np.inf]

    @cached_property
    def _lengths(self) -> Vector:
        lengths: Vector = np.linalg.norm(self.words.vectors, axis=1)
        return np.where(lengths > 0, lengths, np.float32(1))

    def sums(self, batch: Sequence[Sequence[str]]) -> Vectors:
        """Σ weight · vector of each text. Shapes: (n, dims)."""
        rows = np.fromiter(map(self._rows.get, chain.from_iterable(batch), repeat(-1)), np.int32)
        ends = np.cumsum([0, *map(len, batch)])
        sums = _bag(rows, ends, self.weights, self.words.vectors)
        if self.words.subwords is not None and np.any(rows < 0):
            sums += self._made_sums(batch, rows, ends)
        return sums

    def _made_sums(
        self, batch: Sequence[Sequence[str]], rows: NDArray[np.int32], ends: NDArray[np.int64]
    ) -> Vectors:
        """The same of the words whose vectors are made. rows: −1 for each of them, and for unknown ones."""
        unknown = np.flatnonzero(rows < 0)
        terms = np.array(list(chain.from_iterable(batch)), dtype=object)[unknown].tolist()
        made = {term: word.vector for term in sorted(set(terms)) if (word := self.word(term))}
        if not made:
            return np.zeros((len(batch), self.dims), np.float32)
        # In the order of the terms, so that a text's sum does not depend on the others of its batch.
        numbers = {term: number for number, term in enumerate(made)}
        places = np.full(len(rows), -1, np.int32)
        places[unknown] = [numbers.get(term, -1) for term in terms]
        weights = np.full(len(made), self.made_weight, np.float32)
        return _bag(places, ends, weights, np.array(list(made.values())))

    def save(self, folder: Path) -> None:
        """Writes it into `folder`, which is created where needed."""
        folder.mkdir(parents=True, exist_ok=True)
        save_words(folder, self.words)
        save_array(folder / WEIGHTS, self.weights)
        save_report(folder, self.report)
        said = {
            "options": self.parameters,
            "made_weight": self.made_weight,
            "words": described(self.words),
        }
        save_description(folder, Description(self.type, VERSION, said, self.fingerprint))

    @classmethod
    def load(cls, type: str, folder: Path, analyse: Analyse) -> "StaticVectors":
        """The vectors that `save` wrote; their arrays are memory-mapped.

        Raises: CorruptError, FormatError, MismatchError."""
        description = load_description(folder, type, VERSION)
        said = description.parameters
        words, weights = load_words(folder, said["words"]), load_array(folder / WEIGHTS)
        if words.subwords is not None:
            words.subwords.rows_of("")  # compiled code is loaded now, so that no request waits for it
        report, made_weight = load_report(folder), said["made_weight"]
        loaded = cls(type, words, weights, said["options"], analyse, report, made_weight)
        check_fingerprint(folder, description, loaded.fingerprint)
        return loaded

    def _check(self) -> None:
        n_words = len(self.words.words)
        if (
            self.words.vectors.ndim != 2
            or len(self.words.vectors) != n_words
            or self.weights.shape != (n_words,)
        ):
            raise MismatchError(
                f"{n_words} words want as many vectors and weights; found arrays of shapes "
                f"{self.words.vectors.shape} and {self.weights.shape}: train or import the vectors again."
            )
        if len(self._rows) != n_words:
            raise MismatchError(
                f"{n_words - len(self._rows)} words are in the vocabulary twice: keep one vector of each."
            )


def _bag(rows: NDArray[np.int32], ends: NDArray[np.int64], weights: Vector, vectors: Vectors) -> Vectors:
    """Σ weight · vector over the known words of each text: rows (n_words,) says which, −1 for an unknown one;
    ends (n_texts + 1,) where each text begins. Shapes: (n_texts, dims)."""
    known = rows >= 0
    # (n_texts, n_terms): how often each text has each word
    bag = csr_array(
        (np.ones(np.count_nonzero(known), np.float32), rows[known], np.append(0, np.cumsum(known))[ends]),
        shape=(len(ends) - 1, len(vectors)),
    )
    bag.sum_duplicates()  # also sorts, so that a sum does not depend on the order of the words
    bag.data *= weights[bag.indices]
    return np.asarray(bag @ vectors)
