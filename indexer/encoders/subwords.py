"""Words as their runs of characters, which give a vector also to a word that was never seen.

Source: Bojanowski, Grave, Joulin, Mikolov: Enriching Word Vectors with Subword Information, TACL 2017."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.base import Vector
from indexer.jit import Int, compiled
from indexer.types import Vectors

_FNV_OFFSET, _FNV_PRIME = np.uint32(0x811C9DC5), np.uint32(0x01000193)
_SIGN = np.uint32(0xFFFFFF00)


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
        rows = self.rows[buckets_of(word, self.shortest, self.longest, self.n_buckets)]
        return rows[rows >= 0]

    def vector(self, word: str) -> Vector | None:
        """The mean of the vectors of a word's n-grams; None where none of them has one."""
        rows = self.rows_of(word)
        return None if not len(rows) else self.vectors[rows].mean(axis=0, dtype=np.float64).astype(np.float32)

    def mixed(self, words: Sequence[str], own: Vectors) -> Vectors:
        """The vectors of words: of each the mean of its own and of those of its n-grams.

        Shapes: (n, dims) → (n, dims)."""
        mixed = np.empty_like(own)
        for place, word in enumerate(words):
            rows = self.rows_of(word)
            mixed[place] = (own[place] + self.vectors[rows].sum(axis=0, dtype=np.float64)) / (1 + len(rows))
        return mixed

    def unmixed(self, words: Sequence[str], vectors: Vectors) -> Vectors:
        """The words' own vectors, given what `mixed` makes of them; but for rounding, its inverse."""
        own = np.empty_like(vectors)
        for place, word in enumerate(words):
            rows = self.rows_of(word)
            total = vectors[place].astype(np.float64) * (1 + len(rows))
            own[place] = total - self.vectors[rows].sum(axis=0, dtype=np.float64)
        return own


def buckets_of(word: str, shortest: int, longest: int, n_buckets: int) -> NDArray[np.int64]:
    """The buckets of the runs of characters of `<word>`, in the order of their starts, then of their lengths.

    As the original program has it, a bracket alone is none. Shape: (n,)."""
    octets = np.frombuffer(f"<{word}>".encode(), np.uint8)
    starts = np.append(np.flatnonzero(octets & 0xC0 != 0x80), len(octets))
    return _buckets(octets, starts, shortest, longest, n_buckets)


@compiled
def _buckets(
    octets: NDArray[np.uint8], starts: NDArray[np.int64], shortest: Int, longest: Int, n_buckets: Int
) -> NDArray[np.int64]:
    """FNV-1a over the UTF-8 bytes of each n-gram, 32 bits. As the original program has it, a byte is taken as
    signed: those from 128 on bring ones before them. `starts`: of the characters, and the end of the last."""
    size = len(starts) - 1
    found = np.empty(size * (longest - shortest + 1), np.int64)
    count = 0
    for first in range(size):
        value = _FNV_OFFSET
        for last in range(first, min(size, first + longest)):
            for place in range(starts[last], starts[last + 1]):
                byte = np.uint32(octets[place])
                if byte > 127:
                    byte = np.uint32(byte | _SIGN)
                value = np.uint32((value ^ byte) * _FNV_PRIME)
            length = last - first + 1
            if length >= shortest and (length > 1 or 0 < first < size - 1):
                found[count] = np.int64(value) % n_buckets
                count += 1
    return found[:count]
