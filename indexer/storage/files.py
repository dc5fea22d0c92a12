"""Durable files: written, synced, then named; read back by checksum."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from indexer.errors import CorruptError

CHUNK = 1 << 20

_durable = ContextVar("durable", default=True)


@contextmanager
def disposable() -> Iterator[None]:
    """What is written inside is not synced: files that are made anew after a crash."""
    token = _durable.set(False)
    try:
        yield
    finally:
        _durable.reset(token)


def sync(descriptor: int) -> None:
    """Makes the bytes of an open file, or the names in an open folder, durable."""
    if _durable.get():
        os.fsync(descriptor)


def write_file(path: Path, chunks: Iterable[bytes | memoryview]) -> None:
    """Writes a new file and syncs its bytes; its name is durable after `sync_folder`.

    write(2), never mmap: what is written here is seen by a recorder of system calls."""
    with open(path, "wb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        sync(file.fileno())


def sync_file(path: Path) -> None:
    """Makes the bytes of a file written by somebody else (SQLite) durable."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Makes the names in a folder durable: files created, renamed or removed in it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Makes a folder where it is not there, and those above it; their names are durable."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Swaps a small file for new content: a reader sees the old or the new, never a mixture."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    write_file(temporary, [content])
    os.replace(temporary, path)
    sync_folder(path.parent)


def checksum(path: Path) -> str:
    """sha256 of a file's bytes, as hex. Raises: CorruptError where it is missing or cannot be read."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise CorruptError(f"The file {path} cannot be read ({error.strerror}): rebuild the index.") from None
    return digest.hexdigest()
