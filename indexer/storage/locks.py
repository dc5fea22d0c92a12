"""Locks between processes, held on files; the system frees them when a process dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.errors import LockedError
from indexer.storage.files import make_folder


@contextmanager
def file_lock(path: Path, *, wait: bool) -> Iterator[None]:
    """Holds an exclusive lock on `path`, between processes and between threads alike.

    Raises: LockedError where somebody else holds it and `wait` is false."""
    make_folder(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(f"{path} is held by another process: try again when it has ended.") from None
        yield
    finally:
        os.close(descriptor)
