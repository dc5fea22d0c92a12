"""The words that may be suggested, ascending, so that those with one beginning stand side by side."""

from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.errors import MismatchError
from indexer.storage.arrays import load_array, save_array

BYTES, BEGINS = "word_bytes.npy", "word_begins.npy"


class Words(Sequence[str]):
    """Words by their numbers, which ascend with their UTF-8 bytes; memory-mapped, none is read before it is
    asked for.

    Shapes: octets (n_bytes,), begins (n + 1,). Raises: MismatchError where they do not fit together."""

    def __init__(self, octets: NDArray[np.uint8], begins: NDArray[np.int64]) -> None:
        if len(begins) == 0 or begins[0] != 0 or begins[-1] != len(octets) or (np.diff(begins) <= 0).any():
            raise MismatchError("The words of the completion cannot be told apart: rebuild the index.")
        self._octets = octets
        self._begins = begins

    def __len__(self) -> int:
        return len(self._begins) - 1

    def __getitem__(self, number: int) -> str:  # type: ignore[override]  # one word at a time
        return self.encoded(number).decode()

    def encoded(self, number: int) -> bytes:
        """The UTF-8 bytes of a word."""
        if not 0 <= number < len(self):
            raise IndexError(number)
        return self._octets[self._begins[number] : self._begins[number + 1]].tobytes()

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The characters of each word. Shapes: (n,)."""
        begun = (self._octets & 0xC0) != 0x80  # the other bytes of UTF-8 go on with a character
        return np.diff(np.concatenate([np.zeros(1, np.int64), np.cumsum(begun)])[self._begins])

    def number(self, word: str) -> int | None:
        """The number of a word; None where it is not one of these."""
        wanted = word.encode()
        found = bisect_left(_Encoded(self), wanted)
        return found if found < len(self) and self.encoded(found) == wanted else None

    def beginning(self, prefix: str) -> range:
        """The numbers of the words that begin so; of an empty prefix all."""
        encoded = prefix.encode()
        first = bisect_left(_Encoded(self), encoded)
        # No byte of UTF-8 is ff, so that all that begin so are smaller.
        return range(first, bisect_left(_Encoded(self), encoded + b"\xff", lo=first))

    def save(self, folder: Path) -> None:
        """Writes them into a folder that is there."""
        save_array(folder / BYTES, self._octets)
        save_array(folder / BEGINS, self._begins)

    @classmethod
    def of(cls, words: Sequence[str]) -> "Words":
        """These words, which ascend."""
        encoded = [word.encode() for word in words]
        begins = np.concatenate(
            [np.zeros(1, np.int64), np.cumsum([len(each) for each in encoded], dtype=np.int64)]
        )
        return cls(np.frombuffer(b"".join(encoded), np.uint8), begins)

    @classmethod
    def open(cls, folder: Path) -> "Words":
        """The words in a folder. Raises: CorruptError, MismatchError."""
        return cls(load_array(folder / BYTES), load_array(folder / BEGINS))


class _Encoded(Sequence[bytes]):
    """The same as bytes, for a binary search."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def __len__(self) -> int:
        return len(self._words)

    def __getitem__(self, number: int) -> bytes:  # type: ignore[override]
        return self._words.encoded(number)
