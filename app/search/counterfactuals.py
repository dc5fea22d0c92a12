"""What each word of a query and each retriever does to the first hits: the hits with it, and without it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.search.agreement import rank_biased_overlap
from app.search.answer import Stopwatch
from app.search.engines import Engine
from app.search.listing import Bound, bind, fingerprint, warnings_of
from app.search.profiles import retriever_name
from app.search.query import render, without_each
from app.search.request import SearchRequest, check_no_cursor
from app.search.retrieval.question import Question
from app.search.retrieval.retrievers import default_specs
from indexer.database import Catalogue

MOST_TERMS = 32
"""Words of a query, from its beginning, that are left out in turn."""


@dataclass(frozen=True, slots=True)
class TermEffect:
    """A word of the query, or a phrase, prefix or fuzzy word, and the query without it; null where nothing is
    left of it.

    overlap: the rank-biased overlap of the first hits without it with those with it: 1 where it changes
    nothing · lost: those of them that are first hits no more."""

    term: str
    q: str | None
    overlap: float
    lost: Sequence[str]


@dataclass(frozen=True, slots=True)
class RetrieverEffect:
    """A retriever, and the overlap of the first hits with those without it, null where it is the only one,
    and with those by it alone. changed: whether the first hits are others, or in another order, without it ·
    lost: those that are first hits no more."""

    name: str
    without: float | None
    alone: float
    changed: bool
    lost: Sequence[str]


@dataclass(frozen=True, slots=True)
class HangingHit:
    """A first hit, and the words without each of which it would be none."""

    id: str
    rank: int
    terms: Sequence[str]


@dataclass(frozen=True, slots=True)
class Counterfactuals:
    """What the first `limit` hits of a search depend on."""

    q: str
    limit: int
    terms: Sequence[TermEffect]
    retrievers: Sequence[RetrieverEffect]
    hits: Sequence[HangingHit]
    generation: str
    profile: str
    fingerprint: str
    warnings: Sequence[str] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)


def counterfactuals(catalogue: Catalogue, engine: Engine, request: SearchRequest) -> Counterfactuals:
    """What each word and each retriever does to the first hits of a search.

    Raises: InputError and its kinds, with a pointer."""
    check_no_cursor(request)
    watch = Stopwatch()
    lists = _Lists(catalogue, engine, request)
    terms = list(_terms(lists))
    watch.lap("terms")
    retrievers = [_retriever(lists, place) for place in range(len(lists.names))]
    watch.lap("retrievers")
    return Counterfactuals(
        q=request.q,
        limit=request.limit,
        terms=terms,
        retrievers=retrievers,
        hits=[
            HangingHit(doc_id, rank, [each.term for each in terms if doc_id in each.lost])
            for rank, doc_id in enumerate(lists.first, 1)
        ],
        generation=engine.generation.name,
        profile=str(lists.bound.profile),
        fingerprint=fingerprint(engine.generation, lists.bound.profile),
        warnings=[*warnings_of(lists.bound), *lists.left_out],
        timings_ms=watch.stages,
    )


class _Lists:
    """The first hits of a search, and those with something said otherwise."""

    def __init__(self, catalogue: Catalogue, engine: Engine, request: SearchRequest) -> None:
        self._catalogue = catalogue
        self._engine = engine
        self._request = request
        self.bound = bind(catalogue, engine, request)
        self.first = self._ids(self.bound)
        self.names = [each.name for each in self.bound.ranker.retrievers]
        self.left_out: list[str] = []

    def with_other(self, **said: Any) -> list[str]:
        """The first hits of the search with these keys said otherwise."""
        question = None if "q" in said else self.bound.question
        request = self._request.model_copy(update=said)
        return self._ids(bind(self._catalogue, self._engine, request, self.bound.profile, question))

    def by(self, places: Sequence[int]) -> list[str]:
        """The first hits by some of the retrievers alone."""
        given = self.bound.request.retrievers or default_specs(self._engine.generation)
        chosen = [given[place] for place in places]
        fusion = self.bound.request.fusion
        if fusion is None:
            return self.with_other(retrievers=chosen)
        names = {retriever_name(each) for each in chosen}
        weights = {name: each for name, each in fusion.weights.items() if name in names}
        if weights and not any(weights.get(name, 1.0) for name in names):
            weights = dict.fromkeys(names, 1.0)
        return self.with_other(retrievers=chosen, fusion=fusion.model_copy(update={"weights": weights}))

    def _ids(self, bound: Bound) -> list[str]:
        ordinals = bound.rank().fused.ordinals[: self._request.limit]
        return self._engine.generation.lexical.doc_ids(ordinals.tolist())


def _terms(lists: _Lists) -> Iterator[TermEffect]:
    question = lists.bound.question
    if not isinstance(question, Question):
        return
    variants = list(without_each(question.tree, lists.bound.engine.generation.analyzer))
    if len(variants) > MOST_TERMS:
        lists.left_out.append(f"The first {MOST_TERMS} of {len(variants):,} words were left out in turn.")
    for term, rest in variants[:MOST_TERMS]:
        q = None if rest is None else render(rest)
        found = [] if q is None else lists.with_other(q=q)
        yield TermEffect(term, q, rank_biased_overlap(lists.first, found), _lost(lists.first, found))


def _retriever(lists: _Lists, place: int) -> RetrieverEffect:
    others = [each for each in range(len(lists.names)) if each != place]
    alone = rank_biased_overlap(lists.first, lists.by([place]))
    if not others:
        return RetrieverEffect(lists.names[place], None, alone, changed=bool(lists.first), lost=lists.first)
    found = lists.by(others)
    without = rank_biased_overlap(lists.first, found)
    lost = _lost(lists.first, found)
    return RetrieverEffect(lists.names[place], without, alone, changed=found != lists.first, lost=lost)


def _lost(before: Sequence[str], after: Sequence[str]) -> list[str]:
    return [each for each in before if each not in after]
