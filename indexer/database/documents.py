"""The documents of the catalogue, by key, by page, and all of them as one snapshot."""

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select, update

from indexer.database.bodies import Body, decode, decode_checked
from indexer.database.engine import Database
from indexer.database.indexes import check_name, index_row
from indexer.database.schema import documents, indexes
from indexer.database.staging import Staging
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
        with self._database.read() as connection:
            rows = _rows(connection, index_row(connection, index).id, [doc_id])
        if not rows:
            raise MissingError("document", doc_id)
        return decode_checked(*rows[0])

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

    def delete(self, index: str, doc_ids: Collection[str]) -> int:
        """How many of these documents were there; none of them is any more, and its text is erased."""
        with self._database.write() as connection:
            row = index_row(connection, index)
            seq = row.seq
            for doc_id in dict.fromkeys(doc_ids):
                change = update(documents).where(
                    documents.c.index_id == row.id, documents.c.doc_id == doc_id, ~documents.c.deleted
                )
                seq += connection.execute(
                    change.values(body="{}", content_hash="", deleted=True, seq=seq + 1)
                ).rowcount
            connection.execute(update(indexes).where(indexes.c.id == row.id).values(seq=seq))
            return int(seq - row.seq)

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


def _count(connection: Connection, index_id: int) -> int:
    query = select(func.count()).where(documents.c.index_id == index_id, ~documents.c.deleted)
    return connection.execute(query).scalar_one()
