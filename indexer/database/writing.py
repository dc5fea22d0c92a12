"""Writes of one document: checked and stored in one transaction, which several of them may share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from indexer.database.bodies import Body
from indexer.database.conditions import ALWAYS, Condition
from indexer.database.engine import Database
from indexer.database.grouping import GroupCommit
from indexer.database.idempotency import RequestKey, recall, remember
from indexer.database.indexes import (
    check_name,
    find_index_row,
    index_record,
    index_row,
    insert_index,
    write_settings,
)
from indexer.database.records import Outcome, StoredDocument, WriteRecord, entity_tag
from indexer.database.schema import documents, indexes
from indexer.types import FieldSettings, IndexSettings

# Built once: what a statement costs is its building, not its running.
_ONE = select(documents.c.body, documents.c.seq, documents.c.content_hash).where(
    documents.c.index_id == bindparam("index_id"),
    documents.c.doc_id == bindparam("doc_id"),
    ~documents.c.deleted,
)
_NEXT_SEQ = update(indexes).where(indexes.c.id == bindparam("of_index")).values(seq=bindparam("new_seq"))

GONE = {"body": "{}", "content_hash": "", "deleted": True}
"""What is left of a document that was deleted: its text is erased."""


@dataclass(frozen=True, slots=True)
class NewBody:
    """What a document is to be, and the types of those of its fields that the index does not know yet."""

    body: Body
    fields: Mapping[str, FieldSettings]


Change = Callable[[StoredDocument | None, Mapping[str, FieldSettings]], NewBody | None]
"""From a document as it is (None: there is none) and the fields of its index to what it is to be (None:
deleted). It may be called in a transaction, so it only computes; what it raises refuses the write."""


@dataclass(frozen=True, slots=True)
class Write:
    """One write of one document. `creates_index`: an index that is not there is made."""

    index: str
    doc_id: str
    change: Change
    condition: Condition = ALWAYS
    request: RequestKey | None = None
    creates_index: bool = False


class Writes:
    """The writes of single documents."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._group = GroupCommit(database)
        upsert = database.insert(documents)
        replaced = {name: upsert.excluded[name] for name in ("body", "content_hash", "seq", "deleted")}
        self._upsert = upsert.on_conflict_do_update(index_elements=["index_id", "doc_id"], set_=replaced)

    def apply(self, write: Write) -> WriteRecord:
        """What a write did, when it is durable.

        Raises: MissingError where the index is not there, PreconditionError, BusyError, InputError where its
        key was given to another request, and what its change raises; nothing is changed then."""
        check_name(write.index)
        return self._group.run(lambda connection: self._apply(connection, write))

    def apply_all(self, writes: Sequence[Write]) -> list[WriteRecord]:
        """What each of some writes did, in one transaction. Raises: as `apply`; then none of them is done."""
        for write in writes:
            check_name(write.index)
        return self._group.run(lambda connection: [self._apply(connection, write) for write in writes])

    def _apply(self, connection: Connection, write: Write) -> WriteRecord:
        if (answer := recall(connection, write.request)) is not None:
            return WriteRecord(**answer)
        row = self._index_row(connection, write)
        present = find_document(connection, row.id, write.doc_id)
        write.condition.check(write.doc_id, present.etag if present else None)
        settings = index_record(row).settings
        new = write.change(present, settings.fields)
        if new is not None and new.fields:
            fields = {**settings.fields, **new.fields}
            write_settings(connection, row.id, settings.model_copy(update={"fields": fields}))
        record = self._store(connection, row, write.doc_id, present, new.body if new else None)
        remember(connection, write.request, asdict(record))
        return record

    def _index_row(self, connection: Connection, write: Write) -> Row[*tuple[Any, ...]]:
        row = find_index_row(connection, write.index)
        if row is None and write.creates_index:
            insert_index(self._database, connection, write.index, IndexSettings())
        return row or index_row(connection, write.index)

    def _store(
        self,
        connection: Connection,
        index: Row[*tuple[Any, ...]],
        doc_id: str,
        present: StoredDocument | None,
        body: Body | None,
    ) -> WriteRecord:
        """Stores a body under the next `seq`; one that says what is stored already changes nothing."""
        if present is not None and body is not None and present.is_same(body):
            return WriteRecord(doc_id, "unchanged", present.seq, present.etag)
        seq = index.seq + 1
        values = (
            GONE if body is None else {"body": body.text, "content_hash": body.content_hash, "deleted": False}
        )
        connection.execute(self._upsert, {"index_id": index.id, "doc_id": doc_id, "seq": seq, **values})
        connection.execute(_NEXT_SEQ, {"of_index": index.id, "new_seq": seq})
        if body is None:
            return WriteRecord(doc_id, "deleted", seq, None)
        outcome: Outcome = "created" if present is None else "updated"
        return WriteRecord(doc_id, outcome, seq, entity_tag(seq, body.content_hash))


def find_document(connection: Connection, index_id: int, doc_id: str) -> StoredDocument | None:
    """A document with its version, or None."""
    row = connection.execute(_ONE, {"index_id": index_id, "doc_id": doc_id}).one_or_none()
    return None if row is None else StoredDocument(doc_id, Body(row.body, row.content_hash), row.seq)
