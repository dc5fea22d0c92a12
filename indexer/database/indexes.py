"""The indexes of the catalogue: their names and settings."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, bindparam, delete, select, update

from indexer.database.engine import Database
from indexer.database.failures import damaged
from indexer.database.records import IndexRecord, utc_now
from indexer.database.schema import indexes, metadata
from indexer.database.tasks import refuse_unfinished
from indexer.errors import InputError, MissingError
from indexer.types import IndexSettings

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_NAMED = select(indexes).where(indexes.c.name == bindparam("name"))  # built once: every request asks it


class Indexes:
    """The indexes of a catalogue."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str, settings: IndexSettings) -> IndexRecord:
        """A new index without documents. Raises: InputError where the name is taken or is none."""
        check_name(name)
        with self._database.write() as connection:
            if not insert_index(self._database, connection, name, settings):
                raise InputError(
                    f"There is an index `{name}` already: take another name.", code="index_exists"
                )
            return index_record(index_row(connection, name))

    def get(self, name: str) -> IndexRecord:
        """The index of this name. Raises: MissingError, with the names that there are."""
        with self._database.read() as connection:
            return index_record(index_row(connection, name))

    def find(self, name: str) -> IndexRecord | None:
        """The index of this name, or None."""
        with self._database.read() as connection:
            row = find_index_row(connection, name)
            return index_record(row) if row else None

    def list(self) -> Sequence[IndexRecord]:
        """All indexes, by name."""
        with self._database.read() as connection:
            return [index_record(row) for row in connection.execute(select(indexes).order_by(indexes.c.name))]

    def seqs(self) -> Mapping[str, int]:
        """The last `seq` given to a change of the documents of each index, by its name."""
        with self._database.read() as connection:
            return dict(connection.execute(select(indexes.c.name, indexes.c.seq)).all())

    def save_settings(self, name: str, settings: IndexSettings) -> IndexRecord:
        """The index with its new settings. Raises: MissingError."""
        with self._database.write() as connection:
            write_settings(connection, index_row(connection, name).id, settings)
            return index_record(index_row(connection, name))

    @contextmanager
    def deleting(self, name: str) -> Iterator[None]:
        """The index with all it holds is deleted at the end of the block, unless that raises; tasks stay.

        Raises: MissingError; ConflictError where a task of it has not ended."""
        with self._database.write() as connection:
            row = index_row(connection, name)
            refuse_unfinished(connection, name)
            for table in metadata.tables.values():
                if "index_id" in table.c:
                    connection.execute(delete(table).where(table.c.index_id == row.id))
            connection.execute(delete(indexes).where(indexes.c.id == row.id))
            yield


def check_name(name: str) -> None:
    """Raises InputError where a name is none for an index; it becomes a folder's name and part of URLs."""
    if not NAME.fullmatch(name):
        raise InputError(
            f"`{name[:100]}` cannot name an index: 1 to 63 of a-z, 0-9, `_` and `-` are wanted, "
            "with a letter or digit first.",
            code="invalid_index_name",
        )


def index_row(connection: Connection, name: str) -> Row[*tuple[Any, ...]]:
    """The row of an index. Raises: MissingError, with the names that there are."""
    row = find_index_row(connection, name)
    if row is None:
        raise MissingError("index", name, connection.scalars(select(indexes.c.name)))
    return row


def find_index_row(connection: Connection, name: str) -> Row[*tuple[Any, ...]] | None:
    """The row of an index, or None."""
    return connection.execute(_NAMED, {"name": name}).one_or_none()


def index_record(row: Row[*tuple[Any, ...]]) -> IndexRecord:
    """A row of `indexes` as a value. Raises: CorruptError where its settings are none."""
    try:
        settings = IndexSettings.model_validate(row.settings)
    except ValidationError as error:
        raise damaged(f"settings of `{row.name}`: {error.error_count()} faults") from None
    return IndexRecord(row.name, settings, row.seq, row.created_at)


def insert_index(database: Database, connection: Connection, name: str, settings: IndexSettings) -> bool:
    """Whether the index is new; one of this name that is there stays as it is."""
    row = {"name": name, "settings": settings.model_dump(mode="json"), "seq": 0, "created_at": utc_now()}
    statement = database.insert(indexes).values(row).on_conflict_do_nothing(index_elements=["name"])
    return connection.scalar(statement.returning(indexes.c.id)) is not None


def write_settings(connection: Connection, index_id: int, settings: IndexSettings) -> None:
    """Replaces the settings of an index."""
    connection.execute(
        update(indexes).where(indexes.c.id == index_id).values(settings=settings.model_dump(mode="json"))
    )
