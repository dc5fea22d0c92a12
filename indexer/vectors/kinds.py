"""The kinds of vector index by FAISS's own names, what each costs, and which one fits a number of rows."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from indexer.errors import InputError

FLAT_ROWS = 50_000
"""Rows up to which all are looked at: that takes 4 ms at 200 dimensions."""

FORMS = ("flat", "exact", "SQ8", "PQ25", "HNSW32", "IVF256,Flat", "IVF256,SQ8", "IVF256,PQ25")
"""One of each kind; the numbers may be others."""

_FORM = re.compile(
    r"flat|exact|HNSW(?P<links>\d{1,3})|(IVF(?P<lists>\d{1,5}),)?(Flat|SQ8|PQ(?P<parts>\d{1,4}))"
)
_BOUNDS = {"links": range(4, 129), "lists": range(1, 65_537), "parts": range(1, 4_097)}
_CODES = 256  # values of a part of PQ, which are learned from as many rows at least


class Kind(NamedTuple):
    """A kind, taken apart. `links` of each row in a graph, `lists` that rows are dealt to, `parts` that a row
    is cut into, each one byte; 0 where there are none. `bytes_per_number`: 4 where nothing is compressed."""

    name: str
    links: int
    lists: int
    parts: int
    bytes_per_number: int

    @property
    def exact(self) -> bool:
        """Whether every row is looked at, as it was added."""
        return not self.links and not self.lists and self.bytes_per_number == 4

    @property
    def least_rows(self) -> int:
        """Rows without which it has nothing to learn from."""
        return max(self.lists, _CODES if self.parts else 0)

    def memory(self, n_rows: int, dims: int) -> int:
        """Bytes of the vectors, about."""
        codes = n_rows * (self.parts or dims * self.bytes_per_number)
        links = n_rows * self.links * 2 * 4
        return codes + links + self.lists * dims * 4 + (n_rows * 8 if self.lists else 0)


@dataclass(frozen=True, slots=True)
class Advice:
    """The kind of index for a number of rows, and why it is the one."""

    kind: str
    reason: str


def parse_kind(name: str, dims: int | None = None) -> Kind:
    """A kind by its name. Raises: InputError where there is none, or where it does not fit the dimensions."""
    match = _FORM.fullmatch(name)
    if match is None or name == "Flat":
        raise InputError(
            f"`{name[:50]}` is no kind of vector index; there are {', '.join(FORMS)}, with any numbers.",
            code="unknown_vector_index",
        )
    links, lists, parts = (int(match[each] or 0) for each in ("links", "lists", "parts"))
    if any(match[each] and int(match[each]) not in bounds for each, bounds in _BOUNDS.items()):
        raise InputError(
            f"`{name}`: wanted HNSW with 4 to 128 links, IVF with at least 1 list, PQ with at least 1 part.",
            code="unknown_vector_index",
        )
    if parts and dims is not None and dims % parts:
        fitting = ", ".join(str(each) for each in range(1, dims + 1) if dims % each == 0)
        raise InputError(
            f"`{name}`: {dims} dimensions cannot be cut into {parts} equal parts; take one of {fitting}.",
            code="unknown_vector_index",
        )
    compressed = name.endswith("SQ8") or parts > 0
    return Kind(name, links, lists, parts, 1 if compressed else 4)


def advice(n_rows: int) -> Advice:
    """The kind that is built where the settings name none. The figures are in docs/decisions/0015."""
    name, reason = "flat", f"up to {FLAT_ROWS:,} rows all are looked at"
    if n_rows > FLAT_ROWS:
        name, reason = (
            "HNSW32",
            f"beyond {FLAT_ROWS:,} rows a graph is walked, and its hits are scored exactly",
        )
    return Advice(name, reason)
