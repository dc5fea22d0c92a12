"""Collects the metadata of documents in memory, and writes it as columns.

In memory are every distinct value once, and 8 bytes for each value of each document."""

from array import array
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.metadata.format import DTYPES, FOLDER, ColumnEntry, PathEntry, Piece, Table, write_table
from indexer.metadata.values import END, KINDS, Kind
from indexer.storage.arrays import ArrayFile


class ColumnBuilder:
    """One column: entries in the order of their documents, values numbered as they are met."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}
        self._ordinals = array("i")
        self._codes = array("i")

    def add(self, ordinal: int, value: str | int | float) -> None:
        """Takes a value of a document; ordinals never fall."""
        self._ordinals.append(ordinal)
        self._codes.append(self._numbers.setdefault(value, len(self._numbers)))

    def finish(self) -> tuple[list[Any], NDArray[np.int64], NDArray[np.int64]]:
        """The distinct values, ascending, and the ordinals and codes of the entries, each entry once."""
        values = sorted(self._numbers)  # strings by code points, which is by UTF-8 bytes
        ranks = np.empty(len(values), np.int64)
        ranks[[self._numbers[each] for each in values]] = np.arange(len(values))
        ordinals = np.array(self._ordinals, np.int64)
        entries = np.unique(ordinals << 32 | ranks[np.array(self._codes, np.int64)])
        return values, entries >> 32, entries & 0xFFFFFFFF


class PathBuilder:
    """One path: the documents that have it, those in which it is empty, and its columns."""

    def __init__(self, *, text: bool = False) -> None:
        self.text = text
        self.present = array("i")
        self.empty = array("i")
        self._columns: dict[Kind, ColumnBuilder] = {}

    def column(self, kind: Kind) -> ColumnBuilder:
        """The column of a kind."""
        return self._columns.setdefault(kind, ColumnBuilder())

    def columns(self) -> list[tuple[Kind, ColumnBuilder]]:
        """The columns that there are, in the order of `KINDS`."""
        return [(kind, self._columns[kind]) for kind in KINDS if kind in self._columns]


def write_metadata(folder: Path, n_docs: int, paths: dict[str, PathBuilder]) -> None:
    """Writes the folder `metadata` below a folder. The same documents give the same bytes."""
    (folder / FOLDER).mkdir()
    writer = _Writer(folder / FOLDER)
    entries = {path: writer.path(paths[path]) for path in sorted(paths)}
    writer.close()
    write_table(folder / FOLDER, Table(documents=n_docs, paths=entries))


class _Writer:
    """Appends columns to the arrays of a folder."""

    def __init__(self, folder: Path) -> None:
        self._files = {name: ArrayFile(folder / f"{name}.npy", dtype) for name, dtype in DTYPES.items()}
        self._lengths = dict.fromkeys(DTYPES, 0)

    def path(self, built: PathBuilder) -> PathEntry:
        """Writes what there is of one path."""
        return PathEntry(
            text=built.text,
            present=self._append("present", built.present),
            empty=self._append("empty", built.empty),
            columns=[self._column(kind, each) for kind, each in built.columns()],
        )

    def close(self) -> None:
        """Ends the arrays."""
        for file in self._files.values():
            file.close()

    def _column(self, kind: Kind, built: ColumnBuilder) -> ColumnEntry:
        values, ordinals, codes = built.finish()
        entries = self._append("ordinals", ordinals)
        self._append("codes", codes)
        documents = len(np.unique(ordinals))
        if kind != "keyword":
            place = self._append(f"{kind}s", values)
            return ColumnEntry(kind=kind, values=place, entries=entries, documents=documents)
        held = [each.encode() + END for each in values]
        begins = np.cumsum([0, *map(len, held)])
        return ColumnEntry(
            kind=kind,
            values=self._append("keyword_begins", begins),
            bytes=self._append("keyword_bytes", np.frombuffer(b"".join(held), np.uint8)),
            entries=entries,
            documents=documents,
        )

    def _append(self, name: str, added: Any) -> Piece:
        """Where the added values stand in an array."""
        begin = self._lengths[name]
        rows = np.asarray(added, DTYPES[name])
        self._files[name].append(rows)
        self._lengths[name] += len(rows)
        return begin, self._lengths[name]
