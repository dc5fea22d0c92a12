"""The database's failures in this project's words: the only place that knows SQLite's error names."""

import errno

from sqlalchemy.engine import ExceptionContext

from indexer.errors import BusyError, CorruptError


def translate_failure(context: ExceptionContext) -> None:
    """Raises what a caller can act on in place of the driver's error; leaves the others as they are."""
    name = getattr(context.original_exception, "sqlite_errorname", "")
    reason = str(context.original_exception)
    if isinstance(context.original_exception, UnicodeDecodeError):
        raise damaged("what is wrong cannot be read either")
    if name.startswith("SQLITE_BUSY"):
        raise BusyError(f"The catalogue is busy ({reason}): end the program that writes to it, try again.")
    if name.startswith("SQLITE_CORRUPT") or name == "SQLITE_NOTADB":
        raise damaged(reason)
    if name in ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"):  # the second: no room for the index of the log
        raise OSError(errno.ENOSPC, "The disk of the catalogue is full: free some space, try again")
    if name.startswith("SQLITE_IOERR"):
        # After a failed fsync nothing is known about the file: the connection must not be used again.
        context.is_disconnect = True
        raise OSError(errno.EIO, f"The catalogue's disk failed ({reason})")
    if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")):
        raise OSError(errno.EACCES, f"The catalogue cannot be opened for writing ({reason})")


def damaged(reason: str) -> CorruptError:
    """The error of a file that SQLite cannot make sense of."""
    return CorruptError(f"The catalogue's file is damaged ({reason}): restore it from a snapshot.")
