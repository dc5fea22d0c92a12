"""A file of word vectors as it is read: forwards only, plain or gzipped, every place told by line or byte."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import NoReturn

import numpy as np

from indexer.errors import BadFileError
from indexer.types import Vectors

BLOCK = 1 << 20
"""Bytes that are read at once, however many a file says it has; a line is shorter."""

_GZIP = b"\x1f\x8b"


class Source:
    """The bytes of a file in their order. size: None where they come out of a gzip or a pipe."""

    def __init__(self, file: BufferedIOBase, name: str, size: int | None) -> None:
        self.name = name
        self._file = file
        self._size = size
        self._block = b""
        self._begin = 0  # of the block in the file
        self._next = 0  # in the block

    @property
    def at(self) -> int:
        """How many bytes are taken."""
        return self._begin + self._next

    def peek(self, size: int) -> bytes:
        """The next bytes, without taking them; fewer only at the end."""
        self._hold(size)
        return self._block[self._next : self._next + size]

    def take(self, size: int, what: str) -> bytes:
        """So many bytes. Raises: BadFileError where the file has not that many left."""
        if self._next + size > len(self._block):
            self.expect(size, what)
            if (held := self._hold(size)) < size:
                self.refuse(f"the file ends within {what}: {size - held:,} of {size:,} bytes are missing")
        self._next += size
        return self._block[self._next - size : self._next]

    def take_until(self, end: bytes, most: int, what: str) -> bytes:
        """The bytes up to the first `end`, which is taken and left out. Raises: BadFileError."""
        place = self._block.find(end, self._next)
        if place < 0:
            held = self._hold(most + 1)
            place = self._block.find(end, self._next)
            if place < 0 and held <= most:
                self.refuse(f"the file ends within {what}")
        if not 0 <= place - self._next <= most:
            self.refuse(f"{what} has more than {most:,} bytes")
        found = self._block[self._next : place]
        self._next = place + len(end)
        return found

    def lines(self, most: int | None) -> list[bytes]:
        """The next whole lines without their breaks: about a block, at most so many, none at the end.

        Raises: BadFileError where one is longer than a block."""
        held = self._hold(BLOCK)
        end = self._block.rfind(b"\n", self._next) + 1
        if held < BLOCK:  # the end of the file: the last line may have no break
            end = len(self._block)
        elif not end:
            self.refuse(f"a line has more than {BLOCK:,} bytes")
        lines = self._block[self._next : end].split(b"\n")
        if not lines[-1]:
            lines.pop()
        if most is not None and len(lines) > most:
            lines = lines[:most]
            end = self._next + sum(map(len, lines)) + most
        self._next = end
        return lines

    def matrix(self, n_rows: int, dims: int, what: str) -> Iterator[Vectors]:
        """The rows of a matrix as they lie in memory, some at a time. Shapes: (n, dims).

        Raises: BadFileError where one is not finite."""
        together = max(1, BLOCK // (4 * dims))
        for first in range(0, n_rows, together):
            begin, size = self.at, 4 * dims * min(together, n_rows - first)
            numbers = np.frombuffer(self.take(size, what), "<f4")
            wrong = np.flatnonzero(~np.isfinite(numbers))
            if len(wrong):
                self.refuse(f"{what} hold {numbers[wrong[0]]}", begin + 4 * int(wrong[0]))
            yield numbers.reshape(-1, dims).astype(np.float32, copy=False)

    def skip(self, size: int, what: str) -> None:
        """Passes bytes over, without reading them where the file is plain. Raises: BadFileError."""
        self.expect(size, what)
        if self._size is not None and (ahead := self._next + size - len(self._block)) > 0:
            self._begin = self._file.seek(ahead, 1)
            self._block, self._next = b"", 0
            return
        while size:
            size -= len(self.take(min(size, BLOCK), what))

    def expect(self, size: int, what: str) -> None:
        """Raises BadFileError where it is known already that so many bytes cannot follow."""
        if self._size is not None and size > self._size - self.at:
            self.refuse(f"{what} would take {size:,} bytes, and {self._size - self.at:,} are left")

    def refuse(self, reason: str, at: int | None = None) -> NoReturn:
        """Raises BadFileError that names the byte."""
        place = self.at if at is None else at
        raise BadFileError(f"{self.name}, byte {place:,}: {reason}. Nothing was imported.")

    def _hold(self, size: int) -> int:
        """Reads on until so many bytes are at hand, or all that are left; how many are."""
        held = len(self._block) - self._next
        if held < size:
            try:
                more = self._file.read(max(size, BLOCK))
            except (EOFError, OSError, zlib.error) as error:
                self.refuse(f"it cannot be read on ({error})")
            self._begin, self._next, self._block = self.at, 0, self._block[self._next :] + more
        return len(self._block) - self._next


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """The bytes of a file, unpacked where it is a gzip. Raises: BadFileError."""
    try:
        file = open(path, "rb")  # noqa: SIM115  closed below
        gzipped = file.peek(2)[:2] == _GZIP
    except OSError as error:
        raise BadFileError(f"{path} cannot be read ({error.strerror or error}): name a file.") from None
    with file:
        if gzipped:
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield Source(unpacked, str(path), None)
        else:
            yield Source(file, str(path), path.stat().st_size if path.is_file() else None)
