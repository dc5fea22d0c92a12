"""Words as their runs of characters, which give a vector also to a word that was never seen.

Source: Bojanowski, Grave, Joulin, Mikolov: Enriching Word Vectors with Subword Information, TACL 2017."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.base import Vector
from indexer.types import Vectors

_FNV_OFFSET, _FNV_PRIME = 0x811C9DC5, 0x01000193
_MASK = 0xFFFFFFFF
_SIGN = 0xFFFFFF00


@dataclass(frozen=True, slots=True)
class Subwords:
    """The vectors of the character n-grams of `<word>`, each hashed into one of the buckets.

    Shapes: vectors (n_rows, dims); rows (n_buckets,): the row of each bucket in them, −1 where it has none.
    n-grams have from `shortest` to `longest` characters."""

    shortest: int
    longest: int
    rows: NDArray[np.int32]
    vectors: Vectors

    @property
    def n_buckets(self) -> int:
        """How many numbers an n-gram may be hashed to."""
        return len(self.rows)

    def rows_of(self, word: str) -> NDArray[np.int32]:
        """The rows of the n-grams of a word, without those that have none; an n-gram counts as often as it
        stands there. Shape: (n,)."""
        buckets = [bucket(each, self.n_buckets) for each in ngrams(word, self.shortest, self.longest)]
        rows = self.rows[np.array(buckets, np.int64)]
        return rows[rows >= 0]

    def vector(self, word: str) -> Vector | None:
        """The mean of the vectors of a word's n-grams; None where none of them has one."""
        rows = self.rows_of(word)
        return None if not len(rows) else self.vectors[rows].mean(axis=0, dtype=np.float64).astype(np.float32)


def ngrams(word: str, shortest: int, longest: int) -> Iterator[str]:
    """The runs of characters of `<word>`, in the order of their starts, then of their lengths.

    As the original program has it, a bracket alone is none."""
    text = f"<{word}>"
    for start in range(len(text)):
        for size in range(shortest, longest + 1):
            if start + size > len(text):
                break
            if size > 1 or 0 < start < len(text) - 1:
                yield text[start : start + size]


def bucket(ngram: str, n_buckets: int) -> int:
    """The bucket of an n-gram: FNV-1a over its UTF-8 bytes, 32 bits.

    As the original program has it, a byte is taken as signed: those from 128 on bring ones before them."""
    value = _FNV_OFFSET
    for byte in ngram.encode():
        value = ((value ^ (byte | _SIGN if byte > 127 else byte)) * _FNV_PRIME) & _MASK
    return value % n_buckets
