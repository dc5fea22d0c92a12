"""What the processes of a build tell each other: JSON, and arrays behind it, each preceded by its size."""

import signal
from collections.abc import Mapping, Sequence
from typing import IO, Any

import numpy as np
import orjson

from indexer.analysis import TokenColumns
from indexer.types import Vectors

Result = Mapping[str, tuple[TokenColumns, Sequence[str]]]
"""By view: the tokens of a batch, and the terms whose numbers were not used before, in their order."""

NO_MEMORY = 12
"""The exit status of a process that had too little memory and could say so."""

_SIZE = 8  # bytes


def lacked_memory(status: int, *, limited: bool) -> bool:
    """Whether a process ended for want of memory: it said so, or its memory was limited and it ended as
    compilers and libraries do whose allocation fails, by an abort or a fault."""
    return status == NO_MEMORY or (limited and status in (-signal.SIGABRT, -signal.SIGSEGV))


def write_json(stream: IO[bytes], value: object) -> None:
    """Sends a value."""
    content = orjson.dumps(value)
    stream.write(len(content).to_bytes(_SIZE, "little") + content)


def read_json(stream: IO[bytes]) -> Any:
    """The next value. Raises: EOFError where there is none, MemoryError."""
    content = _read(stream, int.from_bytes(_read(stream, _SIZE), "little"))
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:  # what `write_json` wrote is JSON: there was no room for it
        raise MemoryError from error


def write_result(stream: IO[bytes], result: Result) -> None:
    """Sends what was found in a batch."""
    head = [[view, len(each.terms), len(each.begins), new] for view, (each, new) in result.items()]
    write_json(stream, head)
    for each, _ in result.values():
        for values, dtype in ((each.terms, "<i4"), (each.positions, "<i4"), (each.begins, "<i8")):
            stream.write(values.astype(dtype, copy=False).tobytes())
    stream.flush()


def read_result(stream: IO[bytes]) -> Result:
    """What was found in a batch. Raises: EOFError."""
    result: dict[str, tuple[TokenColumns, Sequence[str]]] = {}
    for view, n_tokens, n_begins, new in read_json(stream):
        terms = np.frombuffer(_read(stream, n_tokens * 4), "<i4")
        positions = np.frombuffer(_read(stream, n_tokens * 4), "<i4")
        begins = np.frombuffer(_read(stream, n_begins * 8), "<i8")
        result[view] = (TokenColumns(terms, positions, begins), new)
    return result


def write_vectors(stream: IO[bytes], found: Sequence[Vectors], dims: int) -> None:
    """Sends the vectors of texts. Shapes: (n, dims) each."""
    write_json(stream, [dims, [len(each) for each in found]])
    for each in found:
        stream.write(each.astype("<f4", copy=False).tobytes())
    stream.flush()


def read_vectors(stream: IO[bytes]) -> list[Vectors]:
    """The vectors of texts. Raises: EOFError."""
    dims, counts = read_json(stream)
    return [
        np.frombuffer(_read(stream, 4 * dims * count), "<f4").astype(np.float32).reshape(count, dims)
        for count in counts
    ]


def _read(stream: IO[bytes], size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return content
