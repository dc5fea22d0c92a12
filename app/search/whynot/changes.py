"""The smallest changes of a search that bring a document among its first hits, each of them tried."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from app.search.fusion import retriever_weights
from app.search.listing import Bound
from app.search.query.grammar import written_words
from app.search.ranker import Ranked
from app.search.ranking import MOST_WINDOW
from app.search.retrieval.question import Question
from app.search.whynot.answer import Change, Kind
from app.search.whynot.clauses import Condition
from app.search.whynot.replaying import Replays
from app.search.whynot.specs import with_spec
from app.search.whynot.telling import telling_words
from app.search.whynot.way import Way, place_of
from app.search.whynot.weights import intervals
from indexer.types import Document

MOST_WORDS = 6
"""Words of the document that are tried in the query."""
MOST_BOOSTED, BOOSTS = 2, (2, 8)
"""Of these words, where none of them is enough; and how much more they count then."""
MOST_TRIED, MOST_RERANKED = 60, 10
"""Changes that are tried in all; and where each search reads the texts of hits anew."""
MOST_GROUP = 100


class Proposal(NamedTuple):
    """A change that may work: what it is, and the keys of the request that it says otherwise. `spare`: it is
    tried only where none of its kind has worked."""

    kind: Kind
    what: str
    said: Mapping[str, Any]
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A document that is not among the first hits of a search."""

    bound: Bound
    ranked: Ranked
    way: Way
    met: Sequence[Condition]
    ordinal: int
    document: Document
    limit: int
    most_hits: int


def smallest_changes(case: Case, replays: Replays) -> list[Change]:
    """Of each kind the change that works and leaves most of the first hits as they are; the best first."""
    best: dict[Kind, Change] = {}
    most = MOST_TRIED if case.bound.request.rerank is None else MOST_RERANKED
    for proposal in islice(proposals(case), most):
        if proposal.spare and proposal.kind in best:
            continue
        found = replays.change(proposal.kind, proposal.what, proposal.said)
        if found and (found.kind not in best or found.overlap > best[found.kind].overlap):
            best[found.kind] = found
    return sorted(best.values(), key=lambda each: -each.overlap)


def proposals(case: Case) -> Iterator[Proposal]:
    """What may bring the document there; the surest first."""
    yield from _without_conditions(case)
    if case.way.stage in ("filtered", "excluded"):  # and nothing else is the way in
        return
    yield from _depths(case)
    yield from _stages(case)
    yield from _words(case)
    yield from _weights(case)


def _without_conditions(case: Case) -> Iterator[Proposal]:
    for condition in case.met:
        clause = condition.clause
        if clause.passes or condition.without is None:
            continue
        kind: Kind = "operator" if clause.by == "q" else "filter"
        yield Proposal(kind, f"Leave out `{clause.clause}`.", condition.without)
    if sum(each.clause.by == "filter" and not each.clause.passes for each in case.met) > 1:
        yield Proposal("filter", "Leave out the filter.", {"filter": None}, spare=True)


def _depths(case: Case) -> Iterator[Proposal]:
    """The depth at which each list that does not hold the document would."""
    outside = [
        (place, each)
        for place, each in enumerate(case.way.lists)
        if each.found == "depth" and each.rank is not None and each.rank <= case.most_hits
    ]
    for place, each in outside:
        what = f"Take {each.rank:,} hits from `{each.name}`."
        yield Proposal("depth", what, with_spec(case.bound, place, depth=each.rank))
    if len(outside) > 1:
        deepest = max(each.rank or 0 for _, each in outside)
        yield Proposal("depth", f"Take {deepest:,} hits from each retriever.", {"depth": deepest})


def _stages(case: Case) -> Iterator[Proposal]:
    request, steps = case.bound.request, case.ranked.steps
    if request.rerank is not None and "rerank" in steps:
        place = place_of(steps["fusion"].ordinals, case.ordinal)
        if place is not None and request.rerank.window <= place < MOST_WINDOW:
            said = {**request.rerank.model_dump(mode="json"), "window": place + 1}
            yield Proposal("window", f"Rerank {place + 1} hits.", {"rerank": said})
    if request.diversity is not None:
        said = {**request.diversity.model_dump(mode="json"), "relevance": 1.0}
        yield Proposal("relevance", "Do not hold back what is alike.", {"diversity": said})
    if request.sort:
        yield Proposal("sort", "Sort by score alone.", {"sort": []})
    if request.group is not None and (size := _place_in_group(case, request.group.field)):
        said = {**request.group.model_dump(mode="json"), "size": size}
        yield Proposal("size", f"Keep {size} hits of each group.", {"group": said})


def _place_in_group(case: Case, field: str) -> int | None:
    """How many hits of its group there are down to the document; None where it is none, or too far down."""
    ungrouped = [fused for step, fused in case.ranked.steps.items() if step != "group"][-1]
    place = place_of(ungrouped.ordinals, case.ordinal)
    if place is None:
        return None
    values = case.bound.engine.generation.metadata.field(field, "/group/field")
    codes = values.groups(ungrouped.ordinals[: place + 1])
    size = int(np.count_nonzero(codes == codes[-1]))
    return size if size <= MOST_GROUP else None


def _words(case: Case) -> Iterator[Proposal]:
    if not isinstance(case.bound.question, Question):
        return
    q = case.bound.request.q.strip()
    generation = case.bound.engine.generation
    words = telling_words(generation, case.document, MOST_WORDS, case.bound.question.text)
    added = list(map(written_words, words))
    yield from (_word(q, each, spare=False) for each in added)
    yield from (
        _word(q, f"{_operand(each)}^{boost}", spare=True) for boost in BOOSTS for each in added[:MOST_BOOSTED]
    )


def _word(q: str, word: str, *, spare: bool) -> Proposal:
    return Proposal("term", f"Add `{word}` to the query.", {"q": f"{q} {word}".strip()}, spare)


def _operand(word: str) -> str:
    """A word to which something can be attached, whatever is in it."""
    return word if word.isalnum() else f"({word})"


def _weights(case: Case) -> Iterator[Proposal]:
    """For each list the weights next to its own, below and above, at which the document is a first hit."""
    fusion = case.bound.ranker.fusion
    if fusion is None or not case.ranked.lists:
        return
    weights = retriever_weights(fusion, case.ranked.lists)
    for name, weight in weights.items():
        found = intervals(case.ranked.lists, fusion, name, case.ordinal, case.limit)
        near = sorted({each.nearest(weight) for each in found}, key=lambda each: abs(each - weight))
        for proposed in near[:2]:
            if proposed != weight:
                said = fusion.model_dump(mode="json") | {"weights": {**weights, name: proposed}}
                yield Proposal(
                    "weight", f"Count `{name}` {proposed:g} instead of {weight:g}.", {"fusion": said}
                )
