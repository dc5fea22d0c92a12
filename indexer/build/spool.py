"""The words of all documents, put aside while they are analysed, for the encoders that read words."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self


class WordSpool:
    """A file of one line a document, its fields parted by tabs, its words by spaces.

    A word holds no white space, so nothing needs to be escaped. Constant memory, any number of readers."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = open(path, "w", encoding="utf-8")  # noqa: SIM115  closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._path.unlink()

    def add(self, fields: Sequence[Sequence[str]]) -> None:
        """Takes the words of one document, field by field."""
        self._file.write("\t".join(map(" ".join, fields)) + "\n")

    def finish(self) -> None:
        """Makes what was added visible to readers."""
        self._file.flush()

    def documents(self) -> Iterator[list[str]]:
        """The words of each document, all fields together."""
        with open(self._path, encoding="utf-8", newline="\n") as file:
            for line in file:
                yield line.split()

    def sentences(self) -> Iterator[list[str]]:
        """The words of each field of each document that has any."""
        with open(self._path, encoding="utf-8", newline="\n") as file:
            for line in file:
                for field in line.split("\t"):
                    if words := field.split():
                        yield words
