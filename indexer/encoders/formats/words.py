"""What the readers collect: words, each once, with the place where each was found, and rows of numbers."""

from typing import NoReturn

import numpy as np

from indexer.encoders.formats.source import Source
from indexer.errors import BadFileError
from indexer.types import Vectors

MOST_DIMS = 10_000
MOST_BYTES = 10_000
"""Of a word: what is longer is none, and the file another than it says."""

WHITE = " \t\n\r\v\f"
"""What parts words in these formats. Unicode's other spaces do not: published files have words of them."""


class Words:
    """The words so far, with their vectors. A place is a line or a byte, whatever the format counts in."""

    def __init__(self, source: Source, unit: str, dims: int) -> None:
        self.places: dict[str, int] = {}
        self.rows = Rows(dims)
        self._source = source
        self._unit = unit

    def __len__(self) -> int:
        return len(self.places)

    def add(self, written: bytes, place: int) -> None:
        """Takes a word. Raises: BadFileError where it is none, or there already."""
        if len(written) > MOST_BYTES:
            self.refuse(place, f"a word has {len(written):,} bytes, more than {MOST_BYTES:,}")
        try:
            word = written.decode()
        except UnicodeDecodeError as error:
            self.refuse(place, f"a word is not UTF-8 (byte {error.start} of it)")
        if not word.strip(WHITE):
            self.refuse(place, "a word is empty")
        if "\n" in word or "\0" in word:
            self.refuse(place, "a word holds a line break or a zero byte")
        if (first := self.places.setdefault(word, place)) != place:
            self.refuse(place, f"`{word[:100]}` stands there again, first at {self._unit} {first:,}")

    def refuse(self, place: int, reason: str) -> NoReturn:
        """Raises BadFileError that names the place."""
        raise BadFileError(f"{self._source.name}, {self._unit} {place:,}: {reason}. Nothing was imported.")


class Rows:
    """Vectors that come some at a time, how many nobody can be trusted to say beforehand."""

    def __init__(self, dims: int) -> None:
        self._array = np.empty((0, dims), np.float32)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def extend(self, rows: Vectors) -> None:
        """Takes rows. Shapes: (n, dims)."""
        count = self._count + len(rows)
        if count > len(self._array):
            # In place: a large array is moved by the system without a copy, so that memory never holds two.
            self._array.resize((count + count // 8, self._array.shape[1]), refcheck=False)
        self._array[self._count : count] = rows
        self._count = count

    def array(self) -> Vectors:
        """All of them. Shapes: (n_rows, dims)."""
        self._array.resize((self._count, self._array.shape[1]), refcheck=False)
        return self._array
