"""The documents of the catalogue, by key, by page, and all of them as one snapshot."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, select, update

from indexer.database.bodies import Body, decode, decode_checked
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
    that have not changed since."""

    seq: int
    _connection: Connection
    _index_id: int

    @property
    def count(self) -> int:
        """How many documents there are; they are counted one by one."""
        return _count(self._connection, self._index_id)

    def documents(self) -> Iterator[Document]:
        """Every document, by the UTF-8 bytes of its doc_id; memory does not grow with their number."""
        query = _live(self._index_id).order_by(documents.c.doc_id).execution_options(yield_per=ROWS)
        for doc_id, body in self._connection.execute(query):
            yield decode(doc_id, body)

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
        query = _live(self._index_id).where(*self._of(after, through)).order_by(documents.c.doc_id)
        for doc_id, body in self._connection.execute(query.execution_options(yield_per=ROWS)):
            yield decode(doc_id, body)

    def _of(self, after: int, through: int) -> tuple[ColumnElement[bool], ...]:
        seq = documents.c.seq
        return documents.c.index_id == self._index_id, seq > after, seq <= through


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
        found: dict[str, Document] = {}
        with self._database.read() as connection:
            index_id = index_row(connection, index).id
            for start in range(0, len(doc_ids), ROWS):
                for doc_id, body in _rows(connection, index_id, doc_ids[start : start + ROWS]):
                    try:
                        found[doc_id] = decode_checked(doc_id, body)
                    except CorruptError as error:
                        logger.error("index=%s %s", index, error.message)
        return found

    def damaged(self, index: str, read: Callable[[int], None]) -> Iterator[str]:
        """The keys of the documents that are not as they were stored.

        All are looked at, a few at a time, so that writers can go on; `read` is told the characters of each
        few."""
        after = ""
        while True:
            with self._database.read() as connection:
                query = _stored(index_row(connection, index).id).where(documents.c.doc_id > after)
                rows = connection.execute(query.order_by(documents.c.doc_id).limit(ROWS)).all()
            if not rows:
                return
            for doc_id, text, content_hash in rows:
                try:
                    decode_checked(doc_id, Body(text, content_hash))
                except CorruptError:
                    yield doc_id
            after = rows[-1].doc_id
            read(sum(len(row.body) for row in rows))

    def count(self, index: str) -> int:
        """How many documents an index has."""
        with self._database.read() as connection:
            return _count(connection, index_row(connection, index).id)

    def list(self, index: str, offset: int, limit: int) -> Sequence[Document]:
        """A page of documents, by doc_id."""
        with self._database.read() as connection:
            query = _live(index_row(connection, index).id).order_by(documents.c.doc_id)
            return [decode(*row) for row in connection.execute(query.offset(offset).limit(limit))]

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


def _live(index_id: int) -> Select[str, str]:
    return select(documents.c.doc_id, documents.c.body).where(
        documents.c.index_id == index_id, ~documents.c.deleted
    )


def _stored(index_id: int) -> Select[str, str, str]:
    """The same with what proves that they are as they were stored."""
    return _live(index_id).add_columns(documents.c.content_hash)


_SOME = select(documents.c.doc_id, documents.c.body, documents.c.content_hash).where(  # built once
    documents.c.index_id == bindparam("index_id"),
    ~documents.c.deleted,
    documents.c.doc_id.in_(bindparam("doc_ids", expanding=True)),
)


def _rows(connection: Connection, index_id: int, doc_ids: Sequence[str]) -> list[tuple[str, Body]]:
    rows = connection.execute(_SOME, {"index_id": index_id, "doc_ids": doc_ids})
    return [(doc_id, Body(text, content_hash)) for doc_id, text, content_hash in rows]


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
