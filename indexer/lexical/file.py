"""`lexical.sqlite` opened: its rows, and what they hold, each damage told apart from what is there."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar

import numpy as np
import orjson
from numpy.typing import NDArray

from indexer.errors import CorruptError
from indexer.lexical.packing import unpack
from indexer.storage.sqlite import open_readonly, sqlite_module

Row = tuple[Any, ...]
P = ParamSpec("P")
T = TypeVar("T")


class Page(NamedTuple):
    """Consecutive terms of a view, and how often each stands in how many documents. Shapes: (n_terms,)."""

    page_id: int
    terms: list[str]
    df: NDArray[np.uint32]
    cf: NDArray[np.uint32]


class LexicalFile:
    """A finished file. Safe for any number of threads: they take turns on one connection.

    Every method raises CorruptError where the file cannot be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = open_readonly(path)
        self._turn = threading.Lock()

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()

    def read_page(self, page_id: int) -> Page:
        """The page of terms of that number."""
        terms, df, cf = self.row("SELECT terms, df, cf FROM terms WHERE page_id = ?", page_id)
        names = self.strings(terms)
        return Page(page_id, names, self.numbers(df, len(names)), self.numbers(cf, len(names)))

    def read_doc_page(self, first_ordinal: int) -> list[str]:
        """The keys from that ordinal on, a page of them."""
        (ids,) = self.row("SELECT doc_ids FROM documents WHERE first_ordinal = ?", first_ordinal)
        return self.strings(ids)

    def numbers(self, packed: bytes, n: int) -> NDArray[np.uint32]:
        """So many packed numbers."""
        return self.sound(unpack, packed, n)

    def strings(self, text: str) -> list[str]:
        """The strings of a JSON list."""
        found = self.sound(orjson.loads, text)
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise self.damaged("a list of names holds something else")
        return found

    def sound(self, read: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """What a reader makes of stored bytes."""
        try:
            return read(*given, **named)
        except (TypeError, ValueError, IndexError) as error:
            raise self.damaged(error) from None

    def row(self, sql: str, key: int) -> Row:
        """The row of a key that must be there."""
        rows = self.rows(sql, (key,))
        if len(rows) != 1:
            raise self.damaged("a row is missing")
        return rows[0]

    def rows(self, sql: str, values: Iterable[Any] = ()) -> list[Row]:
        """The rows of a query."""
        try:
            with self._turn:
                return self._connection.execute(sql, tuple(values)).fetchall()
        except (sqlite_module().DatabaseError, UnicodeDecodeError) as error:
            raise self.damaged(error) from error

    def damaged(self, fault: object) -> CorruptError:
        """That the file cannot be read."""
        return CorruptError(f"{self._path} cannot be read ({fault}): rebuild the index.")
