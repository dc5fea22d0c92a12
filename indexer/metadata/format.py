"""How columns lie in a folder: all of them together in a few arrays, and a table of what is where."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from indexer.errors import CorruptError
from indexer.metadata.values import Kind
from indexer.storage.arrays import load_array
from indexer.storage.files import write_file

FOLDER = "metadata"
TABLE = "columns.json"
DTYPES: dict[str, str] = {
    "present": "<i4",
    "empty": "<i4",
    "ordinals": "<i4",
    "codes": "<i4",
    "booleans": "|u1",
    "numbers": "<f8",
    "dates": "<i8",
    "keyword_bytes": "|u1",
    "keyword_begins": "<i8",
}
"""The arrays, each a file."""

Piece = tuple[int, int]
"""Where a part of an array begins and ends."""


class ColumnEntry(BaseModel):
    """Where one column is: `values` in the array of its kind, of keywords in `keyword_begins`; `entries` in
    `ordinals` and `codes`; `bytes`, of keywords alone, in `keyword_bytes`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Kind
    values: Piece
    bytes: Piece = (0, 0)
    entries: Piece
    documents: int  # that have an entry


class PathEntry(BaseModel):
    """Where one path is; `text`: it is a text field, whose values are not kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    text: bool = False
    present: Piece
    empty: Piece
    columns: list[ColumnEntry]


class Table(BaseModel):
    """What is in the arrays; paths ascend by their UTF-8 bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    documents: int
    paths: dict[str, PathEntry]


def write_table(folder: Path, table: Table) -> None:
    """Writes the table of a folder."""
    write_file(folder / TABLE, [table.model_dump_json().encode()])


def read_table(folder: Path) -> Table:
    """The table of a folder. Raises: CorruptError."""
    path = folder / TABLE
    try:
        return Table.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CorruptError(f"The file {path} cannot be read ({error.strerror}): rebuild the index.") from None
    except ValidationError as error:
        raise CorruptError(
            f"The file {path} is damaged ({error.error_count()} faults): rebuild the index."
        ) from None


class Pieces:
    """The arrays of a folder, memory-mapped, handed out in pieces."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._arrays = {name: load_array(folder / f"{name}.npy") for name in DTYPES}
        for name, array in self._arrays.items():
            if array.dtype.str != DTYPES[name] or array.ndim != 1:
                raise CorruptError(f"The file {folder / name}.npy is damaged: rebuild the index.")

    def take(self, name: str, piece: Piece) -> NDArray[Any]:
        """One piece of an array. Raises: CorruptError where the array does not have it."""
        begin, end = piece
        array = self._arrays[name]
        if not 0 <= begin <= end <= len(array):
            raise CorruptError(f"The file {self._folder / name}.npy is damaged: rebuild the index.")
        return array[begin:end]
