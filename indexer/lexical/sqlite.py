"""The inverted index on disk: `lexical.sqlite`, read by key."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.lexical.base import Postings, TermBatch
from indexer.lexical.file import LexicalFile, Page
from indexer.lexical.format import PAGE_DOCUMENTS
from indexer.lexical.occurrences import Occurrences
from indexer.lexical.packing import PADDING, add_steps, skip_lists, unpack_lists
from indexer.lexical.runs import positions_of
from indexer.types import Counts

_BATCH_PAGES = 32
_KEPT_PAGES = 256


class SqliteLexical:
    """Counts read from a finished file. Safe for any number of threads: they take turns on one connection."""

    def __init__(self, path: Path) -> None:
        self._file = file = LexicalFile(path)
        self._views: dict[str, int] = dict(file.rows("SELECT name, view_id FROM views ORDER BY view_id"))
        self._fields: dict[str, int] = dict(file.rows("SELECT name, field_id FROM fields ORDER BY field_id"))
        rows = file.rows("SELECT name FROM views WHERE positions")
        self.positioned = frozenset(name for (name,) in rows)
        # Of the file's methods, not of its own: an index that nobody reads any more is then freed at once.
        self._page = lru_cache(maxsize=_KEPT_PAGES)(file.read_page)
        self._doc_page = lru_cache(maxsize=_KEPT_PAGES)(file.read_doc_page)
        [(last,)] = file.rows("SELECT max(first_ordinal) FROM documents")
        self._n_docs = 0 if last is None else last + len(self._doc_page(last))

    def close(self) -> None:
        """Lets go of the file."""
        self._file.close()

    def integrity(self) -> list[str]:
        """What SQLite itself finds wrong with the file."""
        return [text for (text,) in self._file.rows("PRAGMA integrity_check") if text != "ok"]

    @property
    def n_docs(self) -> int:
        """Number of documents."""
        return self._n_docs

    @property
    def fields(self) -> Sequence[str]:
        """The text fields."""
        return list(self._fields)

    @property
    def views(self) -> Sequence[str]:
        """The views."""
        return list(self._views)

    def frequencies(self, view: str, terms: Iterable[str]) -> Mapping[str, tuple[int, int]]:
        """(df, cf) of those of the terms that occur at all."""
        found = ((term, self._find(view, term)) for term in terms)
        return {term: (int(at[0].df[at[1]]), int(at[0].cf[at[1]])) for term, at in found if at is not None}

    def postings(self, view: str, terms: Iterable[str]) -> Mapping[str, Postings]:
        """Postings of those of the terms that occur at all."""
        found: dict[str, Postings] = {}
        for term in terms:
            if (at := self._find(view, term)) is not None:
                page, place = at
                batch = self._decoded(view, [page.page_id])
                here = slice(batch.begins[place], batch.begins[place + 1])
                ordinals, counts = batch.ordinals[here], batch.counts[:, here]
                found[term] = Postings(ordinals.astype(np.int32), counts.astype(np.int32))
        return found

    def positions(self, view: str, term: str) -> NDArray[np.uint32]:
        """Where a term stands, by posting, then by field."""
        found = self.occurrences(view, term)
        return np.empty(0, np.uint32) if found is None else found.all()

    def occurrences(self, view: str, term: str) -> Occurrences | None:
        """The same, to be looked at posting by posting."""
        at = self._find(view, term)
        if at is None or view not in self.positioned:
            return None
        page, place = at
        (packed,) = self._file.row("SELECT positions FROM terms WHERE page_id = ?", page.page_id)
        heap = np.frombuffer(packed, np.uint8)
        first = skip_lists(heap, page.cf[:place], 0)
        last = skip_lists(heap, page.cf[place : place + 1], first)
        if not 0 <= first < last:
            raise self._file.damaged("positions are missing")
        return self._file.sound(Occurrences, packed[first:last], self.postings(view, [term])[term].by_field())

    def terms_from(self, view: str, first: str, limit: int) -> Sequence[str]:
        """At most `limit` terms from `first` on."""
        found: list[str] = []
        page = self._page_before(view, first)
        while page is not None and len(found) < limit:
            found.extend(page.terms[bisect_left(page.terms, first) :])
            page = self._page_after(view, page.terms[-1])
        return found[:limit]

    def every_term(self, *, positions: bool = False) -> Iterator[TermBatch]:
        """All terms with their postings."""
        for view, number in self._views.items():
            rows = self._file.rows("SELECT page_id FROM terms WHERE view_id = ? ORDER BY page_id", (number,))
            pages = [page_id for (page_id,) in rows]
            for first in range(0, len(pages), _BATCH_PAGES):
                some = pages[first : first + _BATCH_PAGES]
                batch = self._decoded(view, some)
                wanted = positions and view in self.positioned
                yield replace(batch, positions=self._decoded_positions(some, batch)) if wanted else batch

    def lengths(self, view: str, field: str) -> Counts:
        """Length of each document in terms of a view of a field."""
        rows = self._file.rows(
            "SELECT lengths FROM lengths WHERE view_id = ? AND field_id = ?",
            (self._views.get(view), self._fields.get(field)),
        )
        if not rows:
            return np.zeros(self._n_docs, np.int32)
        return self._file.numbers(rows[0][0], self._n_docs).astype(np.int32)

    def doc_ids(self, ordinals: Iterable[int]) -> list[str]:
        """The keys of documents, in the order asked for."""
        return [self._file.sound(self._doc_id, int(ordinal)) for ordinal in ordinals]

    def place(self, doc_id: str) -> tuple[int, bool]:
        """The place of a document, or where it would stand; and whether it is there.

        The keys ascend, so its page is found by halving."""
        first, last = 0, -(-self._n_docs // PAGE_DOCUMENTS)
        while first < last:
            middle = (first + last) // 2
            ids = self._doc_page(middle * PAGE_DOCUMENTS)
            if doc_id < ids[0]:  # by code points, which is by UTF-8 bytes
                last = middle
            elif doc_id > ids[-1]:
                first = middle + 1
            else:
                place = bisect_left(ids, doc_id)
                return middle * PAGE_DOCUMENTS + place, ids[place] == doc_id
        return min(first * PAGE_DOCUMENTS, self._n_docs), False

    def _find(self, view: str, term: str) -> tuple[Page, int] | None:
        """The page of a term and its place there."""
        page = self._page_before(view, term)
        if page is None:
            return None
        place = bisect_left(page.terms, term)
        return (page, place) if place < len(page.terms) and page.terms[place] == term else None

    def _page_before(self, view: str, term: str) -> Page | None:
        """The page that holds a term if any does: the last that does not begin after it, else the first."""
        rows = self._file.rows(
            "SELECT page_id FROM terms WHERE view_id = ? AND first_term <= ? "
            "ORDER BY first_term DESC LIMIT 1",
            (self._views.get(view), term),
        )
        return self._page(rows[0][0]) if rows else self._page_after(view, "")

    def _page_after(self, view: str, term: str) -> Page | None:
        rows = self._file.rows(
            "SELECT page_id FROM terms WHERE view_id = ? AND first_term > ? ORDER BY first_term LIMIT 1",
            (self._views.get(view), term),
        )
        return self._page(rows[0][0]) if rows else None

    def _doc_id(self, ordinal: int) -> str:
        page, place = divmod(ordinal, PAGE_DOCUMENTS)
        return self._doc_page(page * PAGE_DOCUMENTS)[place]

    def _decoded(self, view: str, pages: Sequence[int]) -> TermBatch:
        """All terms of consecutive pages with their postings. Raises: CorruptError."""
        rows = self._file.rows(
            "SELECT terms, df, ordinals, counts FROM terms WHERE page_id BETWEEN ? AND ? ORDER BY page_id",
            (pages[0], pages[-1]),
        )
        if len(rows) != len(pages):
            raise self._file.damaged("a row is missing")
        names = [self._file.strings(row[0]) for row in rows]
        df = [self._file.numbers(row[1], len(each)) for row, each in zip(rows, names, strict=True)]
        begins = _begins(np.concatenate(df))
        [steps] = self._unpacked([row[2] for row in rows], begins, 1)
        counts = self._unpacked([row[3] for row in rows], begins, len(self._fields))
        counts[0] += np.uint32(1)
        return TermBatch(
            view, [term for each in names for term in each], begins, add_steps(begins, steps), counts
        )

    def _decoded_positions(self, pages: Sequence[int], batch: TermBatch) -> NDArray[np.uint32]:
        """Where the terms of consecutive pages stand. Raises: CorruptError."""
        rows = self._file.rows(
            "SELECT positions FROM terms WHERE page_id BETWEEN ? AND ? ORDER BY page_id",
            (pages[0], pages[-1]),
        )
        ends = np.cumsum(batch.counts[0], dtype=np.int64)
        begins = np.concatenate([np.zeros(1, np.int64), ends[batch.begins[1:] - 1]])
        [steps] = self._unpacked([row[0] for row in rows], begins, 1)
        by_field = Postings(batch.ordinals.astype(np.int32), batch.counts.astype(np.int32)).by_field()
        return self._file.sound(positions_of, steps, by_field)

    def _unpacked(self, blobs: Sequence[bytes], begins: NDArray[np.int64], rows: int) -> NDArray[np.uint32]:
        out = np.empty((rows, begins[-1]), np.uint32)
        heap = np.frombuffer(self._file.sound(b"".join, [*blobs, bytes(PADDING)]), np.uint8)
        if unpack_lists(heap, begins, out) != len(heap) - PADDING:
            raise self._file.damaged("a list is shorter or longer than its term says")
        return out


def _begins(sizes: NDArray[np.uint32]) -> NDArray[np.int64]:
    begins = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=begins[1:])
    return begins
