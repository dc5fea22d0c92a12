"""The distinct values of one column, ascending; the place of a value among them is its code.

Every kind answers one question about a text that was written in a filter: which codes are equal to it, or
where would they be? All comparisons follow from that."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.metadata.dates import DAY, instant, is_day, written

Kind = Literal["boolean", "number", "date", "keyword"]
KINDS: tuple[Kind, ...] = ("boolean", "number", "date", "keyword")
"""Every kind, in the order in which the values of one path are sorted where it has several."""

Value = str | int | float | bool
END = b"\xff"
"""Ends each keyword among their bytes; UTF-8 never has it."""

_MARK = b"\xfe"
"""In the place of what is found; UTF-8 never has it either."""
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_MOST_WHOLE = 2**53


class Span(NamedTuple):
    """The codes from `begin` up to, not including, `end`. Empty: where the value would stand."""

    begin: int
    end: int


class Values(Protocol):
    """Distinct values of one kind, ascending."""

    @property
    def ordered(self) -> bool:
        """Whether one value can be greater than another."""

    def __len__(self) -> int: ...

    def span(self, text: str) -> Span | None:
        """The codes of the values that are equal to what is written; None where it is not of this kind."""

    def value(self, code: int) -> Value:
        """The value of a code, as JSON has it."""


class Booleans:
    """False and true, as far as they occur."""

    ordered = False

    def __init__(self, held: NDArray[np.uint8]) -> None:
        self.held = held

    def __len__(self) -> int:
        return len(self.held)

    def span(self, text: str) -> Span | None:
        """As of `Values`."""
        if text.lower() not in ("true", "false"):
            return None
        return _span(self.held, int(text.lower() == "true"))

    def value(self, code: int) -> Value:
        """As of `Values`."""
        return bool(self.held[code])


class Numbers:
    """Numbers, compared as float64."""

    ordered = True

    def __init__(self, held: NDArray[np.float64]) -> None:
        self.held = held

    def __len__(self) -> int:
        return len(self.held)

    def span(self, text: str) -> Span | None:
        """As of `Values`."""
        number = float(text) if _NUMBER.fullmatch(text) else np.inf
        return _span(self.held, number) if np.isfinite(number) else None

    def value(self, code: int) -> Value:
        """As of `Values`; a whole number without a fraction."""
        return plain(float(self.held[code]))


class Dates:
    """Instants in microseconds; a date without a time stands for its whole day in UTC."""

    ordered = True

    def __init__(self, held: NDArray[np.int64]) -> None:
        self.held = held

    def __len__(self) -> int:
        return len(self.held)

    def span(self, text: str) -> Span | None:
        """As of `Values`."""
        try:
            first = instant(text)
        except ValueError:
            return None
        return _span(self.held, first, first + DAY - 1 if is_day(text) else first)

    def value(self, code: int) -> Value:
        """As of `Values`: ISO 8601 in UTC."""
        return written(int(self.held[code]))


class Keywords:
    """Strings, by their UTF-8 bytes.

    held: the bytes of each, then `END` · begins (n + 1,): where each begins, and the end."""

    ordered = True

    def __init__(self, held: NDArray[np.uint8], begins: NDArray[np.int64]) -> None:
        self.held = held
        self.begins = begins

    def __len__(self) -> int:
        return len(self.begins) - 1

    def __iter__(self) -> Iterator[bytes]:
        return map(self._bytes, range(len(self)))

    def span(self, text: str) -> Span | None:
        """As of `Values`: every text is of this kind."""
        begin, there = self.find(text.encode())
        return Span(begin, begin + there)

    def value(self, code: int) -> Value:
        """As of `Values`."""
        return self._bytes(code).decode()

    def find(self, wanted: bytes) -> tuple[int, bool]:
        """The code of a value, or where it would stand; and whether it is there."""
        code = self._bisect(wanted)
        return code, code < len(self) and self._bytes(code) == wanted

    def with_new(self, values: Sequence[bytes], codes: NDArray[np.int64]) -> "Keywords":
        """These and others, which are not among them: both ascending, each before the value of its code."""
        if not values:
            return self
        sizes = np.array([len(each) + len(END) for each in values], np.int64)
        octets = np.frombuffer(b"".join(each + END for each in values), np.uint8)
        held = np.insert(self.held, np.repeat(self.begins[codes], sizes), octets)
        lengths = np.insert(np.diff(self.begins), codes, sizes)
        return Keywords(held, np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]))

    def starting(self, text: str) -> NDArray[np.bool_]:
        """Which values begin with a text, (n,)."""
        found = np.zeros(len(self), np.bool_)
        found[self._bisect(text.encode()) : self._bisect(text.encode() + END)] = True
        return found

    def containing(self, text: str) -> NDArray[np.bool_]:
        """Which values have a text in them, (n,)."""
        with_rest = re.compile(re.escape(text.encode()) + rb"[^\xff]*+\xff")
        marked = np.frombuffer(with_rest.sub(_MARK + END, self.held.data), np.uint8)
        found: NDArray[np.bool_] = marked[np.flatnonzero(marked == END[0]) - 1] == _MARK[0]
        return found

    def _bytes(self, code: int) -> bytes:
        return self.held[self.begins[code] : self.begins[code + 1] - 1].tobytes()

    def _bisect(self, wanted: bytes) -> int:
        return bisect_left(range(len(self)), wanted, key=self._bytes)


def plain(number: float) -> int | float:
    """A number as JSON has it: whole ones without a fraction."""
    return int(number) if abs(number) <= _MOST_WHOLE and number.is_integer() else number


def _span(held: NDArray[np.generic], first: float, last: float | None = None) -> Span:
    """Where the values from `first` to `last` stand."""
    begin = np.searchsorted(held, first, side="left")
    end = np.searchsorted(held, first if last is None else last, side="right")
    return Span(int(begin), int(end))
