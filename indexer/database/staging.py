"""Where the documents of an import wait until all of them are known to be good."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)

from indexer.database.bodies import Body
from indexer.database.engine import STAGING, Database
from indexer.database.indexes import index_record, index_row, insert_index, write_settings
from indexer.database.receipts import Receipt, former_task, write_receipt
from indexer.database.records import Place, StoredCounts, TaskRecord
from indexer.database.schema import DocId, documents, indexes
from indexer.errors import InputError
from indexer.types import FieldSettings, IndexSettings

_metadata = MetaData()

staged = Table(
    "staged_documents",
    _metadata,
    Column("position", Integer, primary_key=True),
    Column("doc_id", DocId, nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    schema=STAGING,
)

changes = Table(
    "staged_changes",
    _metadata,
    Column("number", Integer, primary_key=True),
    Column("position", Integer, nullable=False),
    schema=STAGING,
)

_changed = changes.join(staged, changes.c.position == staged.c.position)


@dataclass(frozen=True, slots=True)
class StagedDocument:
    """A document of an import, and where it was written."""

    doc_id: str
    place: Place
    body: Body


class Staging:
    """The documents of one import of an index, not yet in the catalogue."""

    def __init__(self, database: Database, connection: Connection, index: str) -> None:
        self._database = database
        self._connection = connection
        self._index = index
        self._seen = 0
        self._staged = 0
        with connection.begin():
            _metadata.create_all(connection)

    def add(self, batch: Sequence[StagedDocument]) -> dict[int, Place]:
        """Collects a batch. Returned are the duplicates left out: their place in the batch, and where the
        first document of that doc_id was written."""
        if not batch:
            return {}
        start, self._seen = self._seen, self._seen + len(batch)
        rows = self._database.insert(staged).on_conflict_do_nothing(index_elements=["doc_id"])
        with self._connection.begin():
            self._connection.execute(rows, [_row(start + i, each) for i, each in enumerate(batch)])
            kept = set(
                self._connection.scalars(select(staged.c.position).where(staged.c.position >= start)).all()
            )
            self._staged += len(kept)
            left_out = [i for i in range(len(batch)) if start + i not in kept]
            firsts = self._places([batch[i].doc_id for i in left_out])
            return {i: firsts[batch[i].doc_id] for i in left_out}

    def commit(self, fields: Mapping[str, FieldSettings]) -> StoredCounts:
        """Stores all that was collected, in one transaction: the documents, and the fields that they have.

        The index is created where it is not there. Fields that it has already must be the same: somebody
        may have changed them while the import was read. Raises: InputError where they are not."""
        with self._database.write_on(self._connection):
            return self._commit(fields)

    def commit_as_task(self, fields: Mapping[str, FieldSettings], receipt: Receipt, n_bad: int) -> TaskRecord:
        """Stores all, as `commit`, and in the same transaction a task that says so; where the request has
        been answered before, that task, and nothing is stored."""
        with self._database.write_on(self._connection):
            if (task := former_task(self._connection, receipt)) is not None:
                return task
            stored = self._commit(fields)
            result = {
                "added": stored.added,
                "updated": stored.updated,
                "unchanged": stored.unchanged,
                "bad": n_bad,
                "index_created": stored.index_created,
            }
            return write_receipt(self._connection, self._index, receipt, result)

    def _commit(self, fields: Mapping[str, FieldSettings]) -> StoredCounts:
        created = insert_index(self._database, self._connection, self._index, IndexSettings())
        row = index_row(self._connection, self._index)
        settings = index_record(row).settings
        merged = _merge(settings.fields, fields, self._index)
        write_settings(self._connection, row.id, settings.model_copy(update={"fields": merged}))
        changed = self._note_changes(row.id)
        updated = self._count_updates(row.id)
        self._store_changes(row.id, row.seq)
        new_seq = update(indexes).where(indexes.c.id == row.id).values(seq=row.seq + changed)
        self._connection.execute(new_seq)
        return StoredCounts(changed - updated, updated, self._staged - changed, created)

    def _places(self, doc_ids: Sequence[str]) -> dict[str, Place]:
        query = select(staged.c.doc_id, staged.c.source, staged.c.line).where(staged.c.doc_id.in_(doc_ids))
        return {doc_id: Place(source, line) for doc_id, source, line in self._connection.execute(query)}

    def _note_changes(self, index_id: int) -> int:
        same = exists().where(_is_stored(index_id), documents.c.content_hash == staged.c.content_hash)
        # By doc_id, the order in which a snapshot reads: rows that follow each other then lie side by side.
        changed = select(staged.c.position).where(~same).order_by(staged.c.doc_id)
        self._connection.execute(insert(changes).from_select(["position"], changed))
        return self._connection.execute(select(func.count()).select_from(changes)).scalar_one()

    def _count_updates(self, index_id: int) -> int:
        query = select(func.count()).select_from(_changed).where(exists().where(_is_stored(index_id)))
        return self._connection.execute(query).scalar_one()

    def _store_changes(self, index_id: int, seq: int) -> None:
        names = ["index_id", "doc_id", "body", "content_hash", "seq", "deleted"]
        rows = (
            select(
                literal(index_id),
                staged.c.doc_id,
                staged.c.body,
                staged.c.content_hash,
                changes.c.number + seq,
                literal(False),
            )
            .select_from(_changed)
            .where(literal(True))  # without a WHERE, SQLite takes ON CONFLICT for a part of the join
            .order_by(changes.c.number)
        )
        upsert = self._database.insert(documents).from_select(names, rows)
        values = {name: upsert.excluded[name] for name in names[2:]}
        self._connection.execute(upsert.on_conflict_do_update(index_elements=names[:2], set_=values))


def _row(position: int, each: StagedDocument) -> dict[str, object]:
    return {
        "position": position,
        "doc_id": each.doc_id,
        "source": each.place.source,
        "line": each.place.line,
        "body": each.body.text,
        "content_hash": each.body.content_hash,
    }


def _is_stored(index_id: int) -> ColumnElement[bool]:
    return and_(documents.c.index_id == index_id, documents.c.doc_id == staged.c.doc_id, ~documents.c.deleted)


def _merge(
    present: Mapping[str, FieldSettings], read: Mapping[str, FieldSettings], index: str
) -> dict[str, FieldSettings]:
    for name, each in read.items():
        if (there := present.get(name, each)) != each:
            raise InputError(
                f"Field `{name}` of index `{index}` is now `{there.type}`; documents were read that take "
                f"it for `{each.type}`; nothing was imported: import again.",
                code="fields_changed",
            )
    return {**present, **read}
