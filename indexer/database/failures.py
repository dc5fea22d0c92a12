"""The database's failures in this project's words: the only place that knows SQLite's error names."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import ExceptionContext

from indexer.errors import BusyError, CorruptError
from indexer.storage.sqlite import sqlite_module


def translate_failure(context: ExceptionContext) -> None:
    """Raises what a caller can act on in place of the driver's error; leaves the others as they are."""
    error = _translated(context.original_exception)
    if error is context.original_exception:
        return
    if isinstance(error, OSError) and error.errno == errno.EIO:
        # After a failed fsync nothing is known about the file: the connection must not be used again.
        context.is_disconnect = True
    raise error


@contextmanager
def translating() -> Iterator[None]:
    """The same for what is asked of the driver itself, past SQLAlchemy."""
    try:
        yield
    except (sqlite_module().Error, UnicodeDecodeError) as error:
        raise _translated(error) from None


def _translated(error: BaseException) -> BaseException:
    """What a caller can act on in place of the driver's error; the same where it is anything else."""
    name = getattr(error, "sqlite_errorname", "")
    if isinstance(error, UnicodeDecodeError):  # of a message that quotes a damaged schema
        return damaged("what is wrong cannot be read either")
    if name.startswith("SQLITE_BUSY"):
        return BusyError(f"The catalogue is busy ({error}): end the program that writes to it, try again.")
    if name.startswith("SQLITE_CORRUPT") or name == "SQLITE_NOTADB":
        return damaged(str(error))
    if str(error).startswith(("no such column", "no such table")):  # the statements here are of its revision
        return damaged(str(error))
    if name in ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"):  # the second: no room for the index of the log
        return OSError(errno.ENOSPC, "The disk of the catalogue is full: free some space, try again")
    if name.startswith("SQLITE_IOERR"):
        return OSError(errno.EIO, f"The catalogue's disk failed ({error})")
    if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")):
        return OSError(errno.EACCES, f"The catalogue cannot be opened for writing ({error})")
    return error


def damaged(reason: str) -> CorruptError:
    """The error of a file that does not hold what was written."""
    return CorruptError(f"The catalogue's file is damaged ({reason}): restore it from a snapshot.")
