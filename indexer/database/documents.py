"""The documents of the catalogue, by key, by page, and all of them as one snapshot."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, select, update

from indexer.database.bodies import Body, decode
from indexer.database.engine import Database
from indexer.database.indexes import check_name, index_row
from indexer.database.receipts import Receipt, former_task, write_receipt
from indexer.database.records import StoredDocument, TaskRecord
from indexer.database.schema import documents, indexes
from indexer.database.staging import Staging
from indexer.database.writing import GONE, find_document
from indexer.errors import CorruptError, MissingError
from indexer.types import Document

logger = logging.getLogger(__name__)

ROWS = 1000
"""Rows fetched, and keys asked for, at once."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All documents of an index at one moment: `seq` is the last change that is in them.

    Each document has the `seq` of its last change; of a span of them, (after, through], are those documents
    that have not changed since. `damaged`: the keys of those that were left out, since they are not as they
    were stored."""

    seq: int
    _connection: Connection
    _index_id: int
    damaged: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many documents there are; they are counted one by one."""
        return _count(self._connection, self._index_id)

    def documents(self) -> Iterator[Document]:
        """Every document, by the UTF-8 bytes of its doc_id; memory does not grow with their number."""
        query = _stored(self._index_id).order_by(documents.c.doc_id).execution_options(yield_per=ROWS)
        return _sound(self._connection.execute(query), self.damaged)

    def changed_ids(self, after: int, through: int) -> Sequence[str]:
        """The keys of the documents of a span, also of those that were deleted; ascending."""
        query = select(documents.c.doc_id).where(*self._of(after, through)).order_by(documents.c.doc_id)
        return self._connection.scalars(query).all()

    def changed_count(self, after: int, through: int) -> int:
        """How many documents of a span there are."""
        query = select(func.count()).where(*self._of(after, through), ~documents.c.deleted)
        return self._connection.execute(query).scalar_one()

    def changed(self, after: int, through: int) -> Iterator[Document]:
        """The documents of a span, by the UTF-8 bytes of their doc_id."""
        query = _stored(self._index_id).where(*self._of(after, through)).order_by(documents.c.doc_id)
        return _sound(self._connection.execute(query.execution_options(yield_per=ROWS)), self.damaged)

    def _of(self, after: int, through: int) -> tuple[ColumnElement[bool], ...]:
        seq = documents.c.seq
        return documents.c.index_id == self._index_id, seq > after, seq <= through


@dataclass(frozen=True, slots=True)
class Page:
    """Documents that follow each other, and the keys of those between them that are not as they were
    stored."""

    documents: Sequence[Document]
    damaged: Sequence[str]


class Documents:
    """The documents of a catalogue. Every method raises MissingError where the index is not there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, index: str, doc_id: str) -> Document:
        """One document. Raises: MissingError; CorruptError where it is not as it was stored."""
        return self.stored(index, doc_id).document

    def stored(self, index: str, doc_id: str) -> StoredDocument:
        """One document with its version. Raises: MissingError."""
        with self._database.read() as connection:
            found = find_document(connection, index_row(connection, index).id, doc_id)
        if found is None:
            raise MissingError("document", doc_id)
        return found

    def get_many(self, index: str, doc_ids: Sequence[str]) -> dict[str, Document]:
        """Those of the documents that are there, and as they were stored, by doc_id."""
        with self._database.read() as connection:
            index_id = index_row(connection, index).id
            parts = (doc_ids[start : start + ROWS] for start in range(0, len(doc_ids), ROWS))
            rows = (row for part in parts for row in _some(connection, index_id, part))
            return {each.doc_id: each for each in _sound(rows, [])}

    def damaged(self, index: str, read: Callable[[int], None]) -> Iterator[str]:
        """The keys of the documents that are not as they were stored, or as they were deleted.

        All are looked at, a few at a time, so that writers can go on; `read` is told the characters of each
        few."""
        after = ""
        while True:
            with self._database.read() as connection:
                of_index = documents.c.index_id == index_row(connection, index).id
                query = select(documents).where(of_index, documents.c.doc_id > after)
                rows = connection.execute(query.order_by(documents.c.doc_id).limit(ROWS)).all()
            if not rows:
                return
            yield from (row.doc_id for row in rows if not _is_sound(row))
            after = rows[-1].doc_id
            read(sum(len(row.body) for row in rows))

    def count(self, index: str) -> int:
        """How many documents an index has."""
        with self._database.read() as connection:
            return _count(connection, index_row(connection, index).id)

    def list(self, index: str, offset: int, limit: int) -> Page:
        """A page of documents, by doc_id."""
        damaged: list[str] = []
        with self._database.read() as connection:
            query = _stored(index_row(connection, index).id).order_by(documents.c.doc_id)
            rows = connection.execute(query.offset(offset).limit(limit))
            return Page(list(_sound(rows, damaged)), damaged)

    def delete(self, index: str, doc_ids: Iterable[str]) -> int:
        """How many of these documents were there; none of them is any more, and its text is erased."""
        with self._database.write() as connection:
            return _delete(connection, index_row(connection, index), doc_ids, None)

    def delete_as_task(
        self, index: str, doc_ids: Iterable[str], receipt: Receipt, through: int | None = None
    ) -> TaskRecord:
        """Deletes documents, less those that have changed after the `seq` `through`; in the same transaction
        a task says how many. Where the request has been answered before: that task, nothing is deleted."""
        with self._database.write() as connection:
            if (task := former_task(connection, receipt)) is not None:
                return task
            deleted = _delete(connection, index_row(connection, index), doc_ids, through)
            return write_receipt(connection, index, receipt, {"deleted": deleted})

    def former_task(self, receipt: Receipt) -> TaskRecord | None:
        """The task that the same request got before. Raises: InputError where its key was another's."""
        with self._database.read() as connection:
            return former_task(connection, receipt)

    @contextmanager
    def snapshot(self, index: str) -> Iterator[Snapshot]:
        """All documents of an index as they are now; later changes are not seen inside."""
        with self._database.read() as connection:
            row = index_row(connection, index)
            yield Snapshot(row.seq, connection, row.id)

    @contextmanager
    def staging(self, index: str) -> Iterator[Staging]:
        """A place to collect the documents of an import, gone at the end; the index need not be there."""
        check_name(index)
        with self._database.private() as connection:
            yield Staging(self._database, connection, index)


def _stored(index_id: int) -> Select[str, str, str]:
    return select(documents.c.doc_id, documents.c.body, documents.c.content_hash).where(
        documents.c.index_id == index_id, ~documents.c.deleted
    )


_SOME = select(documents.c.doc_id, documents.c.body, documents.c.content_hash).where(  # built once
    documents.c.index_id == bindparam("index_id"),
    ~documents.c.deleted,
    documents.c.doc_id.in_(bindparam("doc_ids", expanding=True)),
)


def _some(connection: Connection, index_id: int, doc_ids: Sequence[str]) -> Iterable[Row[str, str, str]]:
    return connection.execute(_SOME, {"index_id": index_id, "doc_ids": doc_ids})


def _sound(rows: Iterable[Row[str, str, str]], damaged: list[str]) -> Iterator[Document]:
    """The documents of the rows that are as they were stored; the keys of the others go to `damaged`."""
    for doc_id, text, content_hash in rows:
        try:
            yield decode(doc_id, Body(text, content_hash))
        except CorruptError as error:
            logger.error(error.message)
            damaged.append(doc_id)


def _is_sound(row: Row[Any]) -> bool:
    """Whether a row is as it was written; of a document that was deleted nothing is left but its key."""
    if row.deleted:
        return bool(row.body == GONE["body"] and row.content_hash == GONE["content_hash"])
    try:
        decode(row.doc_id, Body(row.body, row.content_hash))
    except CorruptError:
        return False
    return True


_ERASE = update(documents).where(
    documents.c.index_id == bindparam("of_index"), documents.c.doc_id == bindparam("of_document")
)


def _delete(
    connection: Connection, index: Row[*tuple[Any, ...]], doc_ids: Iterable[str], through: int | None
) -> int:
    seq: int = index.seq
    wanted = list(dict.fromkeys(doc_ids))
    there = [documents.c.index_id == index.id, ~documents.c.deleted]
    if through is not None:
        there.append(documents.c.seq <= through)
    for start in range(0, len(wanted), ROWS):
        chunk = wanted[start : start + ROWS]
        found = connection.scalars(
            select(documents.c.doc_id)
            .where(*there, documents.c.doc_id.in_(chunk))
            .order_by(documents.c.doc_id)
        ).all()
        if found:
            rows = [
                {"of_index": index.id, "of_document": each, "new_seq": seq + i}
                for i, each in enumerate(found, 1)
            ]
            connection.execute(_ERASE.values(**GONE, seq=bindparam("new_seq")), rows)
        seq += len(found)
    connection.execute(update(indexes).where(indexes.c.id == index.id).values(seq=seq))
    return seq - int(index.seq)


def _count(connection: Connection, index_id: int) -> int:
    query = select(func.count()).where(documents.c.index_id == index_id, ~documents.c.deleted)
    return connection.execute(query).scalar_one()
