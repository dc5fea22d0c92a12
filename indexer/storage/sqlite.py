"""Which SQLite to use: the standard library's where it is new enough, else the bundled one."""

import errno
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

# Before 3.51.3, two connections that write and checkpoint a WAL database at the same moment can
# corrupt it (sqlite.org/wal.html#walresetbug).
FIRST_SOUND_VERSION = (3, 51, 3)


def sqlite_module() -> ModuleType:
    """The DB-API module to open SQLite files with."""
    if sqlite3.sqlite_version_info >= FIRST_SOUND_VERSION or sys.platform != "linux":
        return sqlite3
    import pysqlite3

    module: ModuleType = pysqlite3
    return module


def open_readonly(path: Path) -> sqlite3.Connection:
    """A connection to a file that nobody writes any more; it may be used from any thread, one at a time."""
    connection: sqlite3.Connection = sqlite_module().connect(
        f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )
    return connection


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What SQLite says inside of a disk that is full or fails, as the errors of other files: OSError."""
    try:
        yield
    except sqlite_module().OperationalError as error:
        full = getattr(error, "sqlite_errorname", "") == "SQLITE_FULL"
        raise OSError(errno.ENOSPC if full else errno.EIO, str(error), str(path)) from error


def open_new(path: Path) -> sqlite3.Connection:
    """A connection to a file that is being built: nothing is durable before the builder syncs it."""
    connection: sqlite3.Connection = sqlite_module().connect(path, isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; "
        "PRAGMA page_size=8192; PRAGMA locking_mode=EXCLUSIVE;"
    )
    return connection
