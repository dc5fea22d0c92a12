"""Sources to records, one at a time, whatever their size."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ParamSpec

from indexer.documents.faults import Fault
from indexer.documents.lines import Line, read_lines, too_large
from indexer.documents.parsing import Draft, parse_json, parse_row, parse_text
from indexer.documents.sources import Source
from indexer.documents.tables import Table
from indexer.errors import BadFileError

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Record:
    """A piece of a source, the line that it begins at, and the document in it or what is wrong with it."""

    source: str
    line: int
    raw: bytes
    content: Draft | Fault


def read_records(source: Source, limit: int) -> Iterator[Record]:
    """The records of a source, none of them over `limit` bytes, one at a time.

    Raises: BadFileError where the source cannot be read at all."""
    try:
        with source.open() as stream:
            opened = _Gzip(fileobj=stream) if source.gzipped else stream
            yield from _READERS[source.format](source, read_lines(opened, limit), limit)
    except OSError as error:
        raise BadFileError(f"{source.name} cannot be read: {error.strerror or error}") from None


class _Gzip(gzip.GzipFile):
    def readline(self, size: int | None = -1) -> bytes:
        line = super().readline(size)
        if not line and self.mtime is None:  # no header was met: not even an empty stream
            raise EOFError
        return line


def _read_jsonl(source: Source, lines: Iterator[Line], _limit: int) -> Iterator[Record]:
    for line in lines:
        if line.fault or not line.raw.isspace():
            content = line.fault or _attempt(parse_json, line.raw)
            yield Record(source.name, line.number, line.raw, content)


def _read_csv(source: Source, lines: Iterator[Line], limit: int) -> Iterator[Record]:
    table = Table(source.name, lines, limit)
    for row in table:
        content = row.fault or _attempt(parse_row, table.header, row.cells)
        yield Record(source.name, row.line, row.raw, content)


def _read_text(source: Source, lines: Iterator[Line], limit: int) -> Iterator[Record]:
    pieces: list[bytes] = []
    size = 0
    for line in lines:
        pieces.append(line.raw)
        size += len(line.raw)
        fault = line.fault or (too_large(limit) if size > limit else None)
        if fault:
            yield Record(source.name, line.number, b"".join(pieces), fault)
            return
    raw = b"".join(pieces)
    content = _attempt(parse_text, source.doc_id, raw, markdown=source.format == "md")
    yield Record(source.name, 1, raw, content)


def _attempt(parse: Callable[P, Draft], *args: P.args, **kwargs: P.kwargs) -> Draft | Fault:
    try:
        return parse(*args, **kwargs)
    except Fault as fault:
        return fault


_READERS: dict[str, Callable[[Source, Iterator[Line], int], Iterator[Record]]] = {
    "jsonl": _read_jsonl,
    "csv": _read_csv,
    "txt": _read_text,
    "md": _read_text,
}
