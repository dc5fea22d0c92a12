"""A file of word vectors as it is written: there as a whole or not at all."""

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from indexer.storage.files import sync_folder


class Target(Protocol):
    """What takes the bytes of a file in their order."""

    def write(self, part: bytes, /) -> object:
        """Adds bytes."""


@contextmanager
def open_target(path: Path) -> Iterator[Target]:
    """A new file, gzipped where its name ends in `.gz`; it takes its name when the block has ended well."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with open(temporary, "wb") as file:
            if path.suffix == ".gz":
                with gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed:
                    yield packed
            else:
                yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)
