"""The whole answer about one document and one search."""

from dataclasses import dataclass

from app.search.answer import Stopwatch
from app.search.engines import Engine
from app.search.explanation import Row, explain_hits, rows
from app.search.fusion import UNFUSED, formula_of
from app.search.highlights.evidence import Evidence, evidence_of
from app.search.listing import Bound, bind, fingerprint, warnings_of
from app.search.ranking import MOST_HITS
from app.search.request import check_no_cursor
from app.search.retrieval.dense import DenseRetriever
from app.search.retrieval.retrievers import Retriever
from app.search.whynot.above import hits_above
from app.search.whynot.answer import Explanation, ListPlace
from app.search.whynot.changes import Case, smallest_changes
from app.search.whynot.clauses import conditions
from app.search.whynot.replaying import Replays
from app.search.whynot.request import ExplainRequest
from app.search.whynot.way import Way, way_of
from indexer.database import Catalogue
from indexer.types import Document, Part


def explain(
    catalogue: Catalogue, engine: Engine, request: ExplainRequest, most_hits: int = MOST_HITS
) -> Explanation:
    """Why a document is among the first `limit` hits, or why not. most_hits: depths that may be proposed.

    Raises: MissingError where there is no such document; InputError and its kinds, with a pointer."""
    check_no_cursor(request)
    watch = Stopwatch()
    document = catalogue.documents.get(engine.generation.manifest.index, request.id)
    search = request.search()
    bound = bind(catalogue, engine, search)
    ordinal = engine.generation.lexical.ordinal(request.id)
    if ordinal is None:
        return _not_indexed(bound, request)
    ranked = bound.rank()
    watch.lap("rank")
    met = conditions(bound, ordinal)
    way = way_of(bound, ranked, ordinal, request.limit, met)
    watch.lap("way")
    told = _Told(bound, way, ordinal, document)
    parts, evidence = told.parts(), told.evidence()
    watch.lap("explain")
    changes = []
    if way.stage != "hit" and request.limit:
        case = Case(bound, ranked, way, met, ordinal, document, request.limit, most_hits)
        changes = smallest_changes(case, Replays(bound, search, ranked, ordinal, request.limit))
    watch.lap("changes")
    return Explanation(
        id=request.id,
        stage=way.stage,
        reason=way.reason,
        limit=request.limit,
        rank=None if way.place is None else way.place + 1,
        score=told.score(),
        parts=parts,
        lists=way.lists,
        filter=[each.clause for each in met],
        steps=way.steps,
        above=hits_above(engine.generation, ranked.fused, way, request.limit),
        changes=changes,
        evidence=evidence,
        generation=engine.generation.name,
        profile=str(bound.profile),
        fingerprint=fingerprint(engine.generation, bound.profile),
        warnings=warnings_of(bound),
        timings_ms=watch.stages,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """What there is to tell of one document in one search."""

    bound: Bound
    way: Way
    ordinal: int
    document: Document

    def parts(self) -> list[Row]:
        """The parts of its score at the last step that it came to; else what the lists beyond their depths
        have of it, which adds nothing."""
        if self.way.last is None:
            each = zip(self.way.lists, self.bound.ranker.retrievers, strict=False)  # no lists: nothing ranks
            return rows([part for place, retriever in each if (part := self._beyond(place, retriever))])
        fused, place = self.way.last
        page = slice(place, place + 1)
        [parts] = explain_hits(fused, page, self.bound.ranker.retrievers, [self.document], "full")
        return rows(parts or ())

    def score(self) -> float | None:
        """Its score there; None where it came to none."""
        if self.way.last is None:
            return None
        fused, place = self.way.last
        return fused.value(fused.scores[place])

    def evidence(self) -> list[Evidence]:
        """What of its texts carries the match of each dense retriever that has it in its list."""
        listed = {each.name for each in self.way.lists if each.value is not None}
        return [
            each
            for retriever in self.bound.ranker.retrievers
            if isinstance(retriever, DenseRetriever) and retriever.name in listed
            for each in evidence_of(retriever, self.ordinal, self.document)
        ]

    def _beyond(self, place: ListPlace, retriever: Retriever) -> Part | None:
        if place.value is None:
            return None
        fusion = self.bound.ranker.fusion
        formula = UNFUSED if fusion is None else formula_of(fusion)
        [inner] = retriever.parts([self.ordinal], [self.document])
        return Part(place.name, place.value, 0.0, place.rank, parts=inner, formula=formula)


def _not_indexed(bound: Bound, request: ExplainRequest) -> Explanation:
    """Of a document that is stored and was not there yet when the search began."""
    return Explanation(
        id=request.id,
        stage="not_indexed",
        reason="It is stored and not searched yet: it will be in a moment.",
        limit=request.limit,
        rank=None,
        score=None,
        parts=(),
        lists=(),
        filter=(),
        steps=(),
        above=(),
        changes=(),
        evidence=(),
        generation=bound.engine.generation.name,
        profile=str(bound.profile),
        fingerprint=fingerprint(bound.engine.generation, bound.profile),
        warnings=warnings_of(bound),
    )
