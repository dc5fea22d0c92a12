"""What encoders read of all documents, put aside while these are analysed: their words, or their texts."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import orjson

from indexer.analysis import TokenColumns
from indexer.types import Document

_DTYPE = np.dtype("<i4")


class WordSpool:
    """A file of numbers: for each field of each document how many words it has, then their numbers.

    Constant memory, any number of readers."""

    def __init__(self, path: Path, n_fields: int) -> None:
        self._path = path
        self._n_fields = n_fields
        self._names: Sequence[str] = ()
        self._file = open(path, "wb")  # noqa: SIM115  closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._path.unlink()

    def add(self, words: TokenColumns) -> None:
        """Takes the words of a batch: all fields of the first document, then those of the next."""
        counted = np.insert(words.terms, words.begins[:-1], np.diff(words.begins))
        self._file.write(counted.astype(_DTYPE).tobytes())

    def finish(self, names: Sequence[str]) -> None:
        """Makes what was added visible to readers; `names`: the word of each number."""
        self._file.flush()
        self._names = names

    def documents(self) -> Iterator[list[list[str]]]:
        """The words of each field of each document."""
        fields: list[list[str]] = []
        for words in self._texts():
            fields.append(words)
            if len(fields) == self._n_fields:
                yield fields
                fields = []

    def sentences(self) -> Iterator[list[str]]:
        """The words of each field of each document that has any."""
        return filter(None, self._texts())

    def _texts(self) -> Iterator[list[str]]:
        names = self._names
        with open(self._path, "rb") as file:
            while count := file.read(_DTYPE.itemsize):
                size = int.from_bytes(count, "little") * _DTYPE.itemsize
                yield [names[number] for number in np.frombuffer(file.read(size), _DTYPE).tolist()]


class TextSpool:
    """A file of lines: the texts of each field of one document. Constant memory, any number of readers."""

    def __init__(self, path: Path, fields: Sequence[str], *, wanted: bool) -> None:
        """wanted: whether anybody will read; else documents pass by."""
        self._path = path
        self._fields = fields
        self._wanted = wanted

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._path.unlink(missing_ok=True)

    def through(self, documents: Iterable[Document]) -> Iterator[Document]:
        """The same documents, the texts of each put aside on its way."""
        if not self._wanted:
            yield from documents
            return
        with open(self._path, "wb") as file:
            for document in documents:
                file.write(orjson.dumps([document.text(field) for field in self._fields]) + b"\n")
                yield document

    def documents(self) -> Iterator[list[str]]:
        """The texts of each field of each document."""
        with open(self._path, "rb") as file:
            for line in file:
                yield orjson.loads(line)
