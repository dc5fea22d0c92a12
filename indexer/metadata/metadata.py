"""The metadata of all documents of a generation: which of them a filter selects, and their values."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from indexer.errors import InputError, UnknownNameError
from indexer.filters import And, Exists, IsEmpty, Node, Not, Or
from indexer.metadata.columns import Column, Mask
from indexer.metadata.fields import FieldValues
from indexer.metadata.format import ColumnEntry, PathEntry, Pieces, read_table
from indexer.metadata.selection import PathData, selected
from indexer.metadata.values import Booleans, Dates, Keywords, Numbers, Values


class Metadata:
    """The columns of every path: a field, or what leads by dots into an object (`author.name`).

    `paths`: what is known of each."""

    def __init__(self, n_docs: int, paths: Mapping[str, PathData]) -> None:
        self.n_docs = n_docs
        self.paths = paths

    @classmethod
    def open(cls, folder: Path) -> "Metadata":
        """The metadata in a folder, memory-mapped. Raises: CorruptError."""
        table = read_table(folder)
        pieces = Pieces(folder)
        return cls(
            table.documents,
            {path: _path_data(pieces, each, table.documents) for path, each in table.paths.items()},
        )

    def select(self, node: Node) -> Mask:
        """The documents that a filter selects, (n_docs,). Comparisons are exact and mind the case.

        Raises: UnknownNameError; InputError with the code `filter_type` where a value does not fit."""
        match node:
            case And(nodes):
                found = np.ones(self.n_docs, np.bool_)
                for each in nodes:
                    found &= self.select(each)
                return found
            case Or(nodes):
                found = np.zeros(self.n_docs, np.bool_)
                for each in nodes:
                    found |= self.select(each)
                return found
            case Not(inner):
                return ~self.select(inner)
        data = self._known(node.path, node.place.pointer)
        if not isinstance(node, Exists | IsEmpty):
            self._check_values(node.path, str(node.place), node.place.pointer)
        return selected(data, node, self.n_docs)

    def field(self, path: str, pointer: str = "") -> FieldValues:
        """The values of a path, for facets, order and groups.

        Raises: UnknownNameError; InputError with the code `filter_type` where no values of it are kept."""
        data = self._known(path, pointer)
        self._check_values(path, "", pointer)
        return FieldValues(path, data.columns)

    def _known(self, path: str, pointer: str) -> PathData:
        if path not in self.paths:
            raise UnknownNameError("field", path, self.paths, pointer=pointer)
        return self.paths[path]

    def _check_values(self, path: str, place: str, pointer: str) -> None:
        """Raises InputError for a text field, and for an object that has its values further below."""
        data = self.paths[path]
        below = [each for each in self.paths if each.startswith(f"{path}.")]
        if data.columns or not (data.text or below):
            return
        what = (
            "text: it is searched by `q`. Ask for EXISTS, or make it a keyword field"
            if data.text
            else f"an object: name what is in it, for example `{below[0]}`"
        )
        raise InputError(f"{place}`{path}` is {what}.", pointer=pointer, code="filter_type")


def _path_data(pieces: Pieces, entry: PathEntry, n_docs: int) -> PathData:
    return PathData(
        text=entry.text,
        present=pieces.take("present", entry.present),
        empty=pieces.take("empty", entry.empty),
        columns=[_column(pieces, each, n_docs) for each in entry.columns],
    )


def _column(pieces: Pieces, entry: ColumnEntry, n_docs: int) -> Column:
    return Column(
        kind=entry.kind,
        values=_values(pieces, entry),
        ordinals=pieces.take("ordinals", entry.entries),
        codes=pieces.take("codes", entry.entries),
        n_docs=n_docs,
        n_holders=entry.documents,
    )


def _values(pieces: Pieces, entry: ColumnEntry) -> Values:
    match entry.kind:
        case "boolean":
            return Booleans(pieces.take("booleans", entry.values))
        case "number":
            return Numbers(pieces.take("numbers", entry.values))
        case "date":
            return Dates(pieces.take("dates", entry.values))
        case "keyword":
            held = pieces.take("keyword_bytes", entry.bytes)
            return Keywords(held, pieces.take("keyword_begins", entry.values))
