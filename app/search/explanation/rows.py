"""The parts of a score as a table: one row a part, flat, each named by its path."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from app.search.explanation.formulas import FORMULAS
from indexer.types import Part


@dataclass(frozen=True, slots=True)
class Row:
    """One part of a score.

    path: the names of the parts that it is in and its own, each after a `/`; in a name `~1` stands for `/`
    and `~0` for `~`, and what is there a second time ends in `#2` · level: how many names these are. The
    contributions of level 1 sum to the score; those of the rows right below one to its own, and so do the
    values. contribution: null for what is an addend of a value alone · formula: its name; docs: where it is
    told."""

    path: str
    level: int
    name: str
    value: float
    contribution: float | None
    rank: int | None
    formula: str
    docs: str
    details: Mapping[str, Any]


def _path(plain: str, taken: Collection[str]) -> str:
    """A path that no row has yet: `words:猫`, then `words:猫#2`, where several clauses ask for a term."""
    return next(
        each for number in count(1) if (each := plain if number == 1 else f"{plain}#{number}") not in taken
    )


def rows(parts: Sequence[Part]) -> list[Row]:
    """The parts, each before those that it consists of."""
    return list(_below(parts, "", 1))


def _below(parts: Sequence[Part], path: str, level: int) -> Iterator[Row]:
    paths: set[str] = set()
    for each in parts:
        own = _path(f"{path}/{each.name.replace('~', '~0').replace('/', '~1')}", paths)
        paths.add(own)
        docs = FORMULAS[each.formula]
        yield Row(
            own, level, each.name, each.value, each.contribution, each.rank, each.formula, docs, each.details
        )
        yield from _below(each.parts, own, level + 1)
