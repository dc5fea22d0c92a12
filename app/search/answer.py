"""What a search answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from app.search.facets import Facets
from app.search.highlights.highlight import Highlight
from app.search.retrieval.expansion import ExpansionTerm
from app.search.stages.sorting import Grouped
from indexer.types import FieldValue, Part


@dataclass(frozen=True, slots=True)
class Hit:
    """One document of an answer. `document` is None where it was removed after the index was built."""

    id: str
    rank: int
    score: float
    document: Mapping[str, FieldValue] | None
    parts: Sequence[Part] | None
    highlights: Mapping[str, Highlight] | None = None
    group: Grouped | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """How many documents there are to page through, the same on every page, and of what set that is the
    number."""

    value: int
    of: str
    relation: str = "eq"


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answer to one search. All but `timings_ms` is the same for the same request and generation.

    expansion: the terms that were looked for beside those of the query · cursor: asks for the next page; None
    on the last · exact: False where an approximate index took part · degraded: True where the index cannot be
    read, so that it is searched by words alone, as they are stored · suggestion: another query, with words of
    documents for those that no document has, which finds more."""

    hits: list[Hit]
    total: Total
    generation: str
    profile: str
    fingerprint: str
    exact: bool = True
    degraded: bool = False
    expansion: Sequence[ExpansionTerm] | None = None
    facets: Facets | None = None
    cursor: str | None = None
    suggestion: str | None = None
    warnings: list[str] = field(default_factory=list)
    timings_ms: dict[str, float] = field(default_factory=dict)


class Stopwatch:
    """Milliseconds by stage."""

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}
        self._last = perf_counter()

    def lap(self, stage: str) -> None:
        """Books the time since the last lap to a stage."""
        now = perf_counter()
        self.stages[stage] = round((now - self._last) * 1_000, 3)
        self._last = now
