"""The catalogue's connections: transactions that read one snapshot, and ones that write alone."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import orjson
from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from indexer.database.failures import damaged, translate_failure, translating
from indexer.errors import CorruptError, InputError
from indexer.storage.files import sync_file
from indexer.storage.locks import file_lock
from indexer.storage.sqlite import sqlite_module

STAGING = "staging"
BUSY_SECONDS = 30
JOURNAL_BYTES = 64 << 20
WRITE_LOCK = 0x7465787470726973  # the number of the lock of all writers, where it is not a file


def sqlite_url(data_dir: Path) -> str:
    """The URL of the catalogue that a data directory holds."""
    return URL.create("sqlite", database=str(data_dir / "textprism.db")).render_as_string()


class Database:
    """A database as two kinds of transactions: to read, and to write alone."""

    def __init__(self, url: str) -> None:
        try:
            self._url = make_url(url)
            self._engine = _create_engine(self._url)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            raise InputError(
                "A catalogue's URL is `sqlite:////absolute/path.db` or `postgresql+psycopg://user@host/name` "
                f"with its driver installed; this one cannot be used: {error}",
                code="invalid_catalogue_url",
            ) from None
        self._reading = self._engine
        if self.file is None:
            # SQLite's transactions always read one snapshot; here it has to be asked for.
            self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ")

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; None for another one."""
        return Path(self._url.database or "") if self._url.get_backend_name() == "sqlite" else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one snapshot from its first query to its end."""
        with self._reading.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that nobody else writes beside; durable when it ends without an error."""
        with self._lock(), self._engine.connect() as connection, _begin_write(connection):
            yield connection

    @contextmanager
    def private(self) -> Iterator[Connection]:
        """A connection with a schema `staging` of its own, which is gone however the process ends."""
        with self._engine.connect() as connection:
            driver = connection.connection.driver_connection
            connection.detach()  # closed at the end, not kept for others
            if self.file is None:
                connection.execution_options(schema_translate_map={STAGING: "pg_temp"})
            else:
                _attach_staging(driver, self.file.parent)
            yield connection

    @contextmanager
    def write_on(self, connection: Connection) -> Iterator[None]:
        """Like `write`, on a private connection, to write what is in its staging."""
        with self._lock(), _begin_write(connection):
            yield

    def copy_to(self, path: Path) -> None:
        """Writes the database into a new SQLite file, as it is at one moment. Raises: InputError."""
        if self.file is None:
            raise InputError(
                "A catalogue in PostgreSQL is saved by its own tools (`pg_dump`), not by a snapshot.",
                code="catalogue_elsewhere",
            )
        with self._engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            with translating():
                driver.execute("VACUUM INTO ?", [str(path)])
        sync_file(path)

    def faults(self) -> list[str]:
        """What SQLite itself finds wrong in its file, its indexes included; nothing of another database."""
        if self.file is None:
            return []
        try:
            with self.read() as connection:
                found = connection.scalars(text("PRAGMA integrity_check")).all()
        except CorruptError as error:
            return [error.message]
        return [f"SQLite finds in {self.file}: {each}" for each in found if each != "ok"]

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An insert that can say what to do on a conflict."""
        return postgresql.insert(table) if self.file is None else sqlite.insert(table)

    def close(self) -> None:
        """Closes the connections that nobody uses."""
        self._engine.dispose()

    def _lock(self) -> AbstractContextManager[None]:
        # SQLite's own waiting is a poll that may starve one process; a file lock queues.
        return nullcontext() if self.file is None else file_lock(self.file.parent / "write.lock", wait=True)


def _create_engine(url: URL) -> Engine:
    dialect = url.get_backend_name()
    if dialect not in ("sqlite", "postgresql"):
        raise ArgumentError(f"`{dialect}` is neither sqlite nor postgresql.")
    options: dict[str, Any] = {"json_serializer": _to_json, "json_deserializer": _from_json}
    if dialect == "sqlite":
        # As many connections as there are threads: a file needs no bound, and nobody waits for one.
        options |= {"module": sqlite_module(), "max_overflow": -1}
    engine = create_engine(url, **options)
    if dialect == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "handle_error", translate_failure)
    else:
        event.listen(engine, "begin", _begin_postgresql)
    return engine


def _to_json(value: object) -> str:
    return orjson.dumps(value).decode()


def _from_json(value: str) -> object:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise damaged(f"what should be JSON is none: {error}") from None


def _prepare(connection: Any, _record: object) -> None:
    connection.text_factory = _decoded
    connection.isolation_level = None  # the module's own BEGIN comes too late; see `_begin_sqlite`
    for pragma in (
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"journal_size_limit={JOURNAL_BYTES}",  # a large import does not leave a large log behind
    ):
        with translating():
            connection.execute(f"PRAGMA {pragma}")
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        raise InputError("SQLite has no write-ahead log here: put the data directory on a local disk.")
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)


def _decoded(octets: bytes) -> str:
    """A text; of damaged bytes one that no hash fits, rather than an error that hides all other rows."""
    return octets.decode(errors="replace")


def _attach_staging(connection: Any, folder: Path) -> None:
    # No temporary table: builds of SQLite differ in whether these are kept in memory as a whole. A file
    # without a name is freed when it is closed; beside the database, where there is room for its rows.
    with NamedTemporaryFile(dir=folder, prefix=".staging-") as file:
        connection.execute(f"ATTACH ? AS {STAGING}", [file.name])
        connection.execute(f"PRAGMA {STAGING}.journal_mode=MEMORY")
        connection.execute(f"PRAGMA {STAGING}.synchronous=OFF")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that begins as a reader and then writes fails at once when somebody wrote in between.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")


@contextmanager
def _begin_write(connection: Connection) -> Iterator[None]:
    with connection.execution_options(writes=True).begin():
        yield
