"""Encoders that see a text as a bag of terms: its vector is the weighted mean of its terms' vectors."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from indexer.encoders.base import Analyse, Encoding, Rows, TokenVector, Vector, Word
from indexer.types import Tokens, Vectors, Weights


class BagEncoder(ABC):
    """vector(text) = s / |s| with s = Σ weight(t) · vector(t) over every occurrence of a known term t."""

    def __init__(self, analyse: Analyse) -> None:
        self._analyse = analyse

    @abstractmethod
    def word(self, term: str) -> Word | None:
        """A term by itself; None where it is not known."""

    @abstractmethod
    def sums(self, batch: Sequence[Sequence[str]]) -> Vectors:
        """s of each text. Shapes: (n, dims). A row depends neither on the others nor on its terms' order."""

    def encode_terms(self, batch: Sequence[Sequence[str]]) -> Rows:
        """The vectors of texts given as their terms; the same bytes as `encode` gives."""
        sums = self.sums(batch)
        lengths = _lengths(sums)
        positions = np.flatnonzero(lengths)
        return Rows(_scaled(sums[positions], lengths[positions]), positions.astype(np.int32))

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Each text as a vector, with its tokens; a text's answer does not depend on the others."""
        analysed = [self._analyse(text) for text in texts]
        sums = self.sums([tokens.terms for tokens in analysed])
        return [self._encode(*each) for each in zip(analysed, sums, _lengths(sums).tolist(), strict=True)]

    def encode_query(self, text: str) -> Encoding:
        """A text that is asked for; nothing tells it from another."""
        [encoding] = self.encode([text])
        return encoding

    def _encode(self, tokens: Tokens, total: Vector, length: float) -> Encoding:
        """`total`: s, and `length` its length. Shapes: total (dims,)."""
        words = {term: self.word(term) for term in tokens.terms}
        parts = [
            TokenVector(term, start, end, word.vector, word.weight / length if length else 0.0, word.made)
            if (word := words[term])
            else TokenVector(term, start, end, None, 0.0)
            for term, start, end in zip(tokens.terms, tokens.starts, tokens.ends, strict=True)
        ]
        oov = [term for term, word in words.items() if word is None]
        return Encoding((total / np.float64(length)).astype(np.float32) if length else None, parts, oov)


def _lengths(sums: Vectors) -> Weights:
    # In float64: the square of a small float32 may be zero.
    lengths: Weights = np.sqrt(np.square(sums, dtype=np.float64).sum(axis=1))
    return lengths


def _scaled(sums: Vectors, lengths: Weights) -> Vectors:
    return (sums / lengths[:, None]).astype(np.float32)
