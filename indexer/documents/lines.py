"""Streams as lines whose length, and so the memory they take, is bounded."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from indexer.documents.faults import Fault

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is in the source, with its end; `fault` says why it could not be read as it is there."""

    number: int
    raw: bytes
    fault: Fault | None = None


class Stream(Protocol):
    """What lines are read from."""

    def readline(self, size: int = ..., /) -> bytes:
        """Up to `size` bytes, ending with the line's end where that is among them; nothing at the end."""


def read_lines(stream: Stream, limit: int) -> Iterator[Line]:
    """The lines of a stream. One over `limit` bytes is cut, its rest skipped; a damaged one is the last."""
    for number in count(1):
        fault = None
        raw = b""
        try:
            raw = stream.readline(limit + 1)
            if len(raw) > limit and not raw.endswith(b"\n"):
                fault = too_large(limit)
                _skip_line(stream, limit)
        except EOFError:
            yield Line(number, raw, Fault("truncated_gzip", "the gzip stream ends here, before its end"))
            return
        except (gzip.BadGzipFile, zlib.error) as error:
            yield Line(number, raw, Fault("corrupt_gzip", f"the gzip stream is damaged here: {error}"))
            return
        if not raw:
            return
        yield Line(number, raw.removeprefix(BYTE_ORDER_MARK) if number == 1 else raw, fault)


def too_large(limit: int) -> Fault:
    """The fault of a document over the bound."""
    return Fault("too_large", f"a document of at most {limit:,} bytes was expected, this one is longer")


def decode_utf8(raw: bytes) -> str:
    """The text of some bytes. Raises: Fault with the position of the first byte that is not UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        byte = raw[error.start]
        raise Fault(
            "invalid_utf8", f"UTF-8 was expected, byte {error.start + 1} (0x{byte:02x}) is not"
        ) from None


def _skip_line(stream: Stream, chunk: int) -> None:
    while (piece := stream.readline(chunk)) and not piece.endswith(b"\n"):
        pass
