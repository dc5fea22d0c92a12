"""The way of a document through a search: its place in each list and after each step, and where it fell."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from app.search.fusion import Fused, retriever_weights
from app.search.listing import Bound
from app.search.ranker import Ranked, depth_of
from app.search.retrieval.retrievers import Retriever
from app.search.retrieval.standing import Standing
from app.search.whynot.answer import Found, ListPlace, Stage, StepPlace
from app.search.whynot.clauses import Condition
from indexer.types import SCORE_UNIT, Ordinals, Ranking

_FELL: dict[Stage, str] = {
    "rerank": "It is outside of the hits that the reranker looks at.",
    "group": "Other hits of its group stand above it, as many as a group may have.",
}
_MOVED: dict[Stage, str] = {
    "fusion": "It is a hit, and others have more of what the lists give.",
    "rerank": "The reranker put others above it.",
    "diversity": "It is like hits above it.",
    "sort": "The fields that are sorted by put others above it.",
    "group": "It is a hit, and others stand above it.",
}
_STAGES: dict[str, Stage] = {stage: stage for stage in _MOVED}  # a step is called as its stage
_NOWHERE: tuple[tuple[Stage, str], ...] = (
    ("depth", "It is outside of the depth of each list that could hold it."),
    ("overlooked", "An approximate index of vectors overlooked it."),
    ("filtered", "The filters of the retrievers rule it out."),
    ("excluded", "What is asked for leaves it out."),
    ("no_match", "No retriever finds it: it has nothing of the query that one of them knows."),
)
_WHY: dict[Found, str] = {
    "listed": " in the list.",
    "depth": ", and {depth} are taken.",
    "overlooked": ", and an approximate index overlooked it.",
    "filtered": "A filter rules it out.",
    "excluded": "What the query requires or rules out leaves it out.",
    "no_match": "It has nothing of the query that this retriever knows.",
}


@dataclass(frozen=True, slots=True)
class Way:
    """place: among all hits, from 0; None where it is none · last: the hits of the last step that it came to,
    and its place there; None where it came to none."""

    stage: Stage
    reason: str
    place: int | None
    lists: Sequence[ListPlace]
    steps: Sequence[StepPlace]
    last: tuple[Fused, int] | None


def way_of(bound: Bound, ranked: Ranked, ordinal: int, limit: int, met: Sequence[Condition]) -> Way:
    """The way of a document. met: all conditions of the search."""
    lists = _list_places(bound, ranked, ordinal, met)
    places = {step: place_of(fused.ordinals, ordinal) for step, fused in ranked.steps.items()}
    steps = [
        StepPlace(step, None if place is None else place + 1, len(ranked.steps[step].ordinals))
        for step, place in places.items()
    ]
    came = [(ranked.steps[step], place) for step, place in places.items() if place is not None]
    stage, reason = _fell(lists, steps, limit, met)
    return Way(stage, reason, list(places.values())[-1], lists, steps, came[-1] if came else None)


def place_of(ordinals: Ordinals, ordinal: int) -> int | None:
    """Where a document stands, from 0; None where it is not among these."""
    found = np.flatnonzero(ordinals == ordinal)
    return int(found[0]) if len(found) else None


def _fell(
    lists: Sequence[ListPlace], steps: Sequence[StepPlace], limit: int, met: Sequence[Condition]
) -> tuple[Stage, str]:
    """The stage where a document fell, and why."""
    final = steps[-1].rank
    if final is not None and final <= limit:
        return "hit", f"It is hit {final:,}."
    came = [each for each in steps if each.rank is not None]
    if not came:
        return _never_came(lists, met)
    if final is None:
        left = steps[steps.index(came[-1]) + 1]
        stage = _STAGES[left.step]
        return stage, f"{_FELL[stage]} It was hit {came[-1].rank:,} before."
    moved = [after for before, after in pairwise(came) if (before.rank or 0) <= limit < (after.rank or 0)]
    stage = _STAGES[(moved or came[:1])[-1].step]
    reason = _MOVED[stage] if lists else "An empty query has all documents, by id."
    return stage, f"{reason} It is hit {final:,}; {limit:,} are asked for."


def _never_came(lists: Sequence[ListPlace], met: Sequence[Condition]) -> tuple[Stage, str]:
    """Why a document is in no list that counts."""
    failed = [each.clause for each in met if not each.clause.passes]
    stages: tuple[tuple[str, Stage], ...] = (("filter", "filtered"), ("q", "excluded"))
    for by, stage in stages:
        if clauses := [f"`{each.clause}`" for each in failed if each.by == by]:
            return stage, f"It does not meet {' and '.join(clauses)}."
    if any(each.found == "listed" for each in lists):
        return "weight", "Only lists of the weight 0 hold it."
    fates = {each.found for each in lists} or {"excluded"}
    return next((stage, reason) for stage, reason in _NOWHERE if stage in fates)


def _list_places(bound: Bound, ranked: Ranked, ordinal: int, met: Sequence[Condition]) -> list[ListPlace]:
    if not ranked.lists:  # nothing ranks them
        return []
    names = [each.name for each in bound.ranker.retrievers]
    fusion = bound.ranker.fusion
    weights = {} if fusion is None else retriever_weights(fusion, names)
    ruled_out = _ruled_out(bound, ordinal, met)
    places: list[ListPlace] = []
    for number, retriever in enumerate(bound.ranker.retrievers):
        name, depth = retriever.name, depth_of(bound.request, number)
        ranking = ranked.lists[name]
        why = ruled_out.get(name) or ruled_out.get("")
        found, standing = _standing(retriever, ranking, ordinal, depth, why)
        value = rank = of = None
        if standing is not None:
            value, rank, of = standing.score / SCORE_UNIT, standing.rank, standing.of
        last = int(ranking.scores[-1]) / SCORE_UNIT if len(ranking.scores) else None
        reason = _reason(found, standing, depth)
        places.append(ListPlace(name, found, reason, weights.get(name), depth, value, rank, of, last))
    return places


def _standing(
    retriever: Retriever, ranking: Ranking, ordinal: int, depth: int, why: Found | None
) -> tuple[Found, Standing | None]:
    """Whether a document is in a list, and where it stands. why: it must not be found, for this reason."""
    if (place := place_of(ranking.ordinals, ordinal)) is not None:
        return "listed", Standing(int(ranking.scores[place]), place + 1, None)
    if why is not None:
        return why, None
    standing = retriever.standing(ordinal)
    if standing is None:
        return "no_match", None
    return ("depth" if standing.rank > depth else "overlooked"), standing


def _ruled_out(bound: Bound, ordinal: int, met: Sequence[Condition]) -> dict[str, Found]:
    """By which retriever, and by all under an empty name, a document must not be found, and why."""
    failed = {each.clause.by for each in met if not each.clause.passes}
    found: dict[str, Found] = dict.fromkeys(failed - {"filter", "q"}, "filtered")
    limited = bound.question.limited()
    if "filter" in failed:
        found[""] = "filtered"
    elif "q" in failed or not (limited is None or limited[ordinal]):
        found[""] = "excluded"
    return found


def _reason(found: Found, standing: Standing | None, depth: int) -> str:
    if standing is None:
        return _WHY[found]
    of = "" if standing.of is None else f" of {standing.of:,}"
    return f"It is number {standing.rank:,}{of}{_WHY[found].format(depth=f'{depth:,}')}"
