"""What is said of a document and a search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from app.search.explanation import Row
from app.search.highlights.evidence import Evidence

Stage = Literal[
    "hit", "not_indexed", "filtered", "excluded", "no_match", "depth", "overlooked", "weight",
    "fusion", "rerank", "diversity", "sort", "group",
]  # fmt: skip
"""Where a document fell, in the order of the way; `hit`: nowhere."""

Found = Literal["listed", "overlooked", "depth", "filtered", "excluded", "no_match"]
Kind = Literal["weight", "depth", "filter", "operator", "term", "window", "relevance", "sort", "size"]


@dataclass(frozen=True, slots=True)
class ListPlace:
    """Where a document stands in the list of one retriever.

    found: `listed`, or why it is not · weight: what the list counts, null where it is not fused · depth: hits
    that are taken from it · value, rank: the exact ones, whatever the depth · of: how many the retriever
    finds at any depth, told where that was looked at · last: the value of the last hit that was taken."""

    name: str
    found: Found
    reason: str
    weight: float | None
    depth: int
    value: float | None = None
    rank: int | None = None
    of: int | None = None
    last: float | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition that a document has to meet, as text, and whether it does. by: `filter`, the filter of
    the search; `q`, an operator of the query; or the name of the retriever whose filter it is."""

    by: str
    clause: str
    passes: bool


@dataclass(frozen=True, slots=True)
class StepPlace:
    """The rank of a document after one step of the way, null where it is no longer there, of so many hits."""

    step: str
    rank: int | None
    of: int


@dataclass(frozen=True, slots=True)
class Above:
    """A hit that stands above: how much more it scores, and by which part most. parts: how much more each
    part gives it, which sums to the difference; `by`: the one that gives it most, `(tie)` where none does and
    the smaller id decides, or the step that decides whatever the scores."""

    id: str
    rank: int
    score: float
    difference: float
    by: str
    parts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the request that brings the document among its first hits; it was tried.

    request: the keys to say otherwise · rank: where the document stands then · overlap: the rank-biased
    overlap of the first hits with those of before: 1 where they are the same."""

    kind: Kind
    what: str
    request: Mapping[str, Any]
    rank: int
    overlap: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a document is among the first `limit` hits of a search, or why not.

    rank: among all hits, null where it is none · score, parts: what it has at the last step that it came to ·
    filter: what it has to meet · changes: one of each kind that works, the smallest first, which is the one
    that leaves most of the first hits as they are · evidence: what of its texts carries a dense match."""

    id: str
    stage: Stage
    reason: str
    limit: int
    rank: int | None
    score: float | None
    parts: Sequence[Row]
    lists: Sequence[ListPlace]
    filter: Sequence[Clause]
    steps: Sequence[StepPlace]
    above: Sequence[Above]
    changes: Sequence[Change]
    evidence: Sequence[Evidence]
    generation: str
    profile: str
    fingerprint: str
    warnings: Sequence[str] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
