"""A file of word vectors as it is read: forwards only, plain or gzipped, every place told by line or byte."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.errors import BadFileError

T = TypeVar("T")

_GZIP = b"\x1f\x8b"
_BUFFER = 1 << 20  # bytes
_STEP = 1 << 22  # bytes that are read at once, however many a file says it has


class Source:
    """The bytes of a file in their order. `size` is None where they come out of a gzip."""

    def __init__(self, file: "BufferedReader[Any]", name: str, size: int | None) -> None:
        self.name = name
        self.at = 0
        self._file = file
        self._size = size

    def peek(self, size: int) -> bytes:
        """The next bytes, as many as are at hand, without taking them."""
        return self._read(lambda: self._file.peek(size)[:size])

    def take(self, size: int, what: str) -> bytes:
        """So many bytes. Raises: BadFileError where the file has not that many left."""
        self.expect(size, what)
        parts, left = [], size
        while left:
            part = self._read(partial(self._file.read, min(left, _STEP)))
            if not part:
                self.refuse(f"the file ends within {what}: {left:,} of {size:,} bytes are missing")
            parts.append(part)
            left -= len(part)
            self.at += len(part)
        return b"".join(parts)

    def take_until(self, end: bytes, most: int, what: str) -> bytes:
        """The bytes up to the first `end`, which is taken and left out. Raises: BadFileError."""
        found = bytearray()
        while (byte := self.take(1, what)) != end:
            found += byte
            if len(found) > most:
                self.refuse(f"{what} has more than {most:,} bytes")
        return bytes(found)

    def take_floats(self, shape: tuple[int, ...], what: str) -> NDArray[np.float32]:
        """Numbers as they lie in memory, all finite. Raises: BadFileError."""
        begin = self.at
        size = 4 * int(np.prod(shape, dtype=object))
        array = np.frombuffer(self.take(size, what), "<f4").astype(np.float32, copy=False).reshape(shape)
        wrong = np.flatnonzero(~np.isfinite(array))
        if len(wrong):
            self.refuse(f"{what} holds {array.reshape(-1)[wrong[0]]}", begin + 4 * int(wrong[0]))
        return array

    def expect(self, size: int, what: str) -> None:
        """Raises BadFileError where it is known already that so many bytes cannot follow."""
        if self._size is not None and size > self._size - self.at:
            self.refuse(f"{what} would take {size:,} bytes, and {self._size - self.at:,} are left")

    def line(self) -> bytes:
        """The next line with its break; empty at the end."""
        line = self._read(self._file.readline)
        self.at += len(line)
        return line

    def lines(self, hint: int) -> list[bytes]:
        """The next lines, together about `hint` bytes; none at the end."""
        lines = self._read(lambda: self._file.readlines(hint))
        self.at += sum(map(len, lines))
        return lines

    def refuse(self, reason: str, at: int | None = None) -> NoReturn:
        """Raises BadFileError that names the byte."""
        place = self.at if at is None else at
        raise BadFileError(f"{self.name}, byte {place:,}: {reason}. Nothing was imported.")

    def _read(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except (EOFError, OSError, zlib.error) as error:
            raise BadFileError(
                f"{self.name}, byte {self.at:,}: it cannot be read on ({error}). Nothing was imported."
            ) from None


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """The bytes of a file, unpacked where it is a gzip. Raises: BadFileError."""
    try:
        with BufferedReader(FileIO(path), _BUFFER) as file:
            if file.peek(2)[:2] == _GZIP:
                with gzip.GzipFile(fileobj=file) as unpacked:
                    yield Source(BufferedReader(unpacked, _BUFFER), str(path), None)
            else:
                yield Source(file, str(path), path.stat().st_size)
    except OSError as error:
        raise BadFileError(f"{path} cannot be read ({error.strerror or error}): name a file.") from None
