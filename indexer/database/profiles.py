"""Profiles: settings of the ranking of an index, by name; every version is kept, one is active."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, insert, select, update

from indexer.database.engine import Database
from indexer.database.indexes import index_row
from indexer.database.records import ProfileRecord, utc_now
from indexer.database.schema import indexes, profiles
from indexer.errors import MissingError


class Profiles:
    """The profiles of a catalogue. All methods but `find` raise MissingError where the index is not there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, index: str, name: str, settings: Mapping[str, Any]) -> ProfileRecord:
        """The next version of a profile, active now; the active one where it says the same already."""
        with self._database.write() as connection:
            index_id = index_row(connection, index).id
            versions = _versions(connection, index_id, name)
            active = next((each for each in versions if each.active), None)
            if active is not None and active.settings == settings:
                return active
            version = versions[-1].version + 1 if versions else 1
            _deactivate(connection, index_id, name)
            saved = ProfileRecord(name, version, dict(settings), utc_now(), active=True)
            connection.execute(insert(profiles).values(index_id=index_id, **asdict(saved)))
            return saved

    def find(self, index: str, name: str) -> ProfileRecord | None:
        """The active version of a profile; None where there is none."""
        with self._database.read() as connection:
            row = connection.execute(_ACTIVE, {"index": index, "profile": name}).one_or_none()
            return None if row is None else _record(row)

    def get(self, index: str, name: str, version: int | None = None) -> ProfileRecord:
        """A version of a profile, the active one where none is named. Raises: MissingError."""
        with self._database.read() as connection:
            index_id = index_row(connection, index).id
            chosen = profiles.c.active if version is None else profiles.c.version == version
            row = connection.execute(select(*_COLUMNS).where(_is(index_id, name), chosen)).one_or_none()
            if row is None:
                raise _missing(connection, index_id, name, version)
            return _record(row)

    def versions(self, index: str, name: str) -> Sequence[ProfileRecord]:
        """Every version of a profile, oldest first. Raises: MissingError where there is none."""
        with self._database.read() as connection:
            index_id = index_row(connection, index).id
            if not (found := _versions(connection, index_id, name)):
                raise _missing(connection, index_id, name, None)
            return found

    def list(self, index: str) -> Sequence[ProfileRecord]:
        """The active version of every profile, by name."""
        with self._database.read() as connection:
            index_id = index_row(connection, index).id
            query = select(*_COLUMNS).where(profiles.c.index_id == index_id, profiles.c.active)
            return [_record(row) for row in connection.execute(query.order_by(profiles.c.name))]

    def activate(self, index: str, name: str, version: int) -> ProfileRecord:
        """That version, active from now on. Raises: MissingError where it is not there."""
        with self._database.write() as connection:
            index_id = index_row(connection, index).id
            wanted = and_(_is(index_id, name), profiles.c.version == version)
            if connection.execute(select(profiles.c.version).where(wanted)).one_or_none() is None:
                raise _missing(connection, index_id, name, version)
            _deactivate(connection, index_id, name)
            connection.execute(update(profiles).where(wanted).values(active=True))
            return _record(connection.execute(select(*_COLUMNS).where(wanted)).one())

    def delete(self, index: str, name: str) -> int:
        """How many versions the profile had; none is there any more. Raises: MissingError for none."""
        with self._database.write() as connection:
            index_id = index_row(connection, index).id
            if not (found := connection.execute(delete(profiles).where(_is(index_id, name))).rowcount):
                raise _missing(connection, index_id, name, None)
            return found


_COLUMNS = (
    profiles.c.name,
    profiles.c.version,
    profiles.c.settings,
    profiles.c.created_at,
    profiles.c.active,
)

_ACTIVE = (  # built once: every search asks it
    select(*_COLUMNS)
    .join(indexes, indexes.c.id == profiles.c.index_id)
    .where(indexes.c.name == bindparam("index"), profiles.c.name == bindparam("profile"), profiles.c.active)
)


def _is(index_id: int, name: str) -> ColumnElement[bool]:
    return and_(profiles.c.index_id == index_id, profiles.c.name == name)


def _versions(connection: Connection, index_id: int, name: str) -> list[ProfileRecord]:
    query = select(*_COLUMNS).where(_is(index_id, name)).order_by(profiles.c.version)
    return [_record(row) for row in connection.execute(query)]


def _deactivate(connection: Connection, index_id: int, name: str) -> None:
    connection.execute(update(profiles).where(_is(index_id, name), profiles.c.active).values(active=False))


def _record(row: Row[*tuple[Any, ...]]) -> ProfileRecord:
    return ProfileRecord(*row)


def _missing(connection: Connection, index_id: int, name: str, version: int | None) -> MissingError:
    """The error of a name that is not there, with the names that are; or of a version, with the versions."""
    if versions := _versions(connection, index_id, name):
        return MissingError("profile", f"{name}@{version}", [f"{name}@{each.version}" for each in versions])
    known = select(profiles.c.name).where(profiles.c.index_id == index_id).distinct()
    return MissingError("profile", name, connection.scalars(known))
