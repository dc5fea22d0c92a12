"""What the readers collect: words, each once, with the place where each was found."""

from typing import NoReturn

import numpy as np

from indexer.encoders.formats.source import Source
from indexer.errors import BadFileError
from indexer.types import Vectors


class Words:
    """The words so far. A place is a line or a byte, whatever the format counts in."""

    def __init__(self, source: Source, unit: str) -> None:
        self.places: dict[str, int] = {}
        self._source = source
        self._unit = unit
        self._blocks: list[Vectors] = []

    def __len__(self) -> int:
        return len(self.places)

    def add(self, written: bytes, place: int) -> None:
        """Takes a word. Raises: BadFileError where it is none, or there already."""
        try:
            word = written.decode()
        except UnicodeDecodeError as error:
            self.refuse(place, f"a word is not UTF-8 (byte {error.start} of it)")
        if not word.strip():
            self.refuse(place, "a word is empty")
        if "\n" in word:
            self.refuse(place, "a word holds a line break")
        if (first := self.places.setdefault(word, place)) != place:
            self.refuse(place, f"`{word[:100]}` stands there again, first at {self._unit} {first:,}")

    def extend(self, vectors: Vectors) -> None:
        """Takes the vectors of the words that were added since. Shapes: (n, dims)."""
        self._blocks.append(vectors)

    def vectors(self) -> Vectors:
        """All vectors. Shapes: (n_words, dims)."""
        return np.concatenate(self._blocks)

    def refuse(self, place: int, reason: str) -> NoReturn:
        """Raises BadFileError that names the place."""
        raise BadFileError(f"{self._source.name}, {self._unit} {place:,}: {reason}. Nothing was imported.")
