"""The inverted index on disk: `lexical.sqlite`, read by key."""

import threading
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from indexer.errors import CorruptError
from indexer.lexical.base import Column, TermCount
from indexer.lexical.format import unpack
from indexer.storage.sqlite import open_readonly, sqlite_module
from indexer.types import Counts, Postings, TermKey

_MOST_VALUES = 10_000  # of one statement; SQLite's own bound is 32,766


class SqliteLexical:
    """Counts read from a finished file. Safe for any number of threads: they take turns on one connection."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = open_readonly(path)
        self._turn = threading.Lock()
        self._columns = {
            Column(field, view): number
            for number, field, view in self._rows("SELECT column_id, field, view FROM columns ORDER BY 1")
        }
        self._names = {number: column for column, number in self._columns.items()}
        self._n_docs = int(self._rows("SELECT count(*) FROM documents")[0][0])
        self.lengths = lru_cache(maxsize=64)(self._lengths)

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()

    @property
    def n_docs(self) -> int:
        """Number of documents."""
        return self._n_docs

    @property
    def columns(self) -> Sequence[Column]:
        """The columns there are."""
        return list(self._columns)

    def postings(self, keys: Iterable[TermKey]) -> dict[TermKey, Postings]:
        """Postings of those of the keys that occur at all."""
        return {
            key: Postings(unpack(ordinals), unpack(counts))
            for key, ordinals, counts in self._by_key(
                keys, "p.ordinals, p.counts FROM terms t JOIN postings p USING (term_id)"
            )
        }

    def frequencies(self, keys: Iterable[TermKey]) -> dict[TermKey, tuple[int, int]]:
        """(df, cf) of those of the keys that occur at all."""
        return {key: (df, cf) for key, df, cf in self._by_key(keys, "t.df, t.cf FROM terms t")}

    def _by_key(self, keys: Iterable[TermKey], what: str) -> list[tuple[Any, ...]]:
        by_column: dict[Column, list[str]] = {}
        for field, view, term in keys:
            by_column.setdefault(Column(field, view), []).append(term)
        found: list[tuple[Any, ...]] = []
        for column, terms in by_column.items():
            if (number := self._columns.get(column)) is None:
                continue
            rows = self._rows_in(f"SELECT t.term, {what} WHERE t.column_id = {number} AND t.term IN", terms)
            found.extend((TermKey(*column, term), *rest) for term, *rest in rows)
        return found

    def _lengths(self, column: Column) -> Counts:
        """Length of each document in terms of the column."""
        rows = self._rows("SELECT lengths FROM columns WHERE column_id = ?", (self._columns.get(column),))
        return unpack(rows[0][0]) if rows else np.zeros(self._n_docs, np.int32)

    def terms_of(self, ordinal: int) -> list[TermCount]:
        """The terms of one document with their counts."""
        [(ids, counts)] = self._rows("SELECT term_ids, counts FROM documents WHERE ordinal = ?", (ordinal,))
        by_id = dict(zip(unpack(ids).tolist(), unpack(counts).tolist(), strict=True))
        rows = self._rows_in("SELECT term_id, column_id, term FROM terms WHERE term_id IN", list(by_id))
        names = {number: TermKey(*self._names[column], term) for number, column, term in rows}
        return [TermCount(names[number], tf) for number, tf in by_id.items()]

    def doc_ids(self, ordinals: Iterable[int]) -> list[str]:
        """The keys of documents, in the order asked for."""
        wanted = [int(each) for each in ordinals]
        found = dict(self._rows_in("SELECT ordinal, doc_id FROM documents WHERE ordinal IN", wanted))
        return [found[ordinal] for ordinal in wanted]

    def ordinal(self, doc_id: str) -> int | None:
        """The place of a document, or None."""
        rows = self._rows("SELECT ordinal FROM documents WHERE doc_id = ?", (doc_id,))
        return int(rows[0][0]) if rows else None

    def _rows_in(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Rows of a statement that ends in IN, for any number of values."""
        found: list[tuple[Any, ...]] = []
        for first in range(0, len(values), _MOST_VALUES):
            batch = values[first : first + _MOST_VALUES]
            found.extend(self._rows(f"{sql} ({','.join('?' * len(batch))})", batch))
        return found

    def _rows(self, sql: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        try:
            with self._turn:
                return self._connection.execute(sql, tuple(values)).fetchall()
        except sqlite_module().DatabaseError as error:
            raise CorruptError(f"{self._path} cannot be read ({error}): rebuild the index.") from error
