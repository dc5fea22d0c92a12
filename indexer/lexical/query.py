"""What to score: terms, fields with their boosts, and how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from indexer.lexical.selection import Bits
from indexer.weighting import TermStatistics, Weighting, WeightingParameters

Combine = Literal["bm25f", "sum"]
"""`bm25f`: the fields of a request are read as one text (BM25F with one `b`): a term's tf is the boosted
sum over the fields, a document's length likewise, df counts the documents that hold it in any of them.
`sum`: each field is scored by itself, and the scores, times the boosts, are added."""


class Group(NamedTuple):
    """Fields that are read as one text, with their boosts. `field`: the one field of a `sum`, else None."""

    field: str | None
    fields: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """Terms by view, the fields in which they are looked for, and what their scores are multiplied by.

    `only`: the field, where the query names it for this clause · `where`: the documents in which the terms
    count; all, where it is None."""

    terms: Mapping[str, Sequence[str]]
    fields: Mapping[str, float]
    boost: float = 1.0
    only: str | None = None
    where: Bits | None = None


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """What to score: the sum of clauses, and how."""

    clauses: Sequence[Clause]
    weighting: Weighting
    given: WeightingParameters
    combine: Combine = "bm25f"

    @property
    def groups(self) -> list[Group]:
        """The groups of fields of all clauses, each once."""
        found = {group for clause in self.clauses for group, _ in self.groups_of(clause)}
        return sorted(found, key=lambda group: (group.fields, group.field or ""))

    def groups_of(self, clause: Clause) -> list[tuple[Group, float]]:
        """The groups of fields of one clause, and what the scores in each are multiplied by."""
        if self.combine == "bm25f":
            return [(Group(clause.only, tuple(clause.fields.items())), clause.boost)]
        return [
            (Group(field, ((field, 1.0),)), boost * clause.boost) for field, boost in clause.fields.items()
        ]


class AskedTerm(NamedTuple):
    """A term of a query in one group of fields that know it. numbers: in each segment, -1 where it is not ·
    factor: what its weights are multiplied by · stats: of all segments · where: the documents in which it
    counts, None for all."""

    group: int
    view: str
    term: str
    numbers: tuple[int, ...]
    query_tf: int
    factor: float
    stats: TermStatistics
    where: Bits | None
