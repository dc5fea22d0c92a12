"""One search, from request to hits: retrieve, fuse, fetch, explain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from time import perf_counter

import orjson

from app.search.engines import Engine
from app.search.explain import explain_hits
from app.search.fusion import Fused, FusionSettings, fuse, unfused, unranked
from app.search.query import parse
from app.search.question import Question
from app.search.request import MOST_QUERY_BYTES, RetrieverSpec, SearchRequest
from app.search.retrievers import Retriever, default_specs, make
from indexer import __version__
from indexer.database import Catalogue
from indexer.errors import InputError, UnknownNameError
from indexer.generation import Generation
from indexer.types import Document, FieldValue, Part


@dataclass(frozen=True, slots=True)
class Hit:
    """One document of an answer. `document` is None where it was removed after the index was built."""

    id: str
    rank: int
    score: float
    document: Mapping[str, FieldValue] | None
    parts: Sequence[Part] | None


@dataclass(frozen=True, slots=True)
class Total:
    """How many documents there are to page through, and of what set that is the number."""

    value: int
    of: str
    relation: str = "eq"


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answer to one search. All but `timings_ms` is the same for the same request and generation."""

    hits: list[Hit]
    total: Total
    generation: str
    fingerprint: str
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


def search(catalogue: Catalogue, engine: Engine, request: SearchRequest) -> SearchResult:
    """The hits of a request.

    Ties: smaller `doc_id` by its UTF-8 bytes. Raises: InputError and its kinds, with a pointer."""
    watch = Stopwatch()
    generation = engine.generation
    _check_fields(catalogue, generation.manifest.index, request.fields or ())
    question = _question(generation, request)
    retrievers = _retrievers(generation, request, question)
    watch.lap("analyse")
    fused, total = _rank(question, retrievers, request)
    watch.lap("rank")
    page = slice(request.offset, request.offset + request.limit)
    ids = generation.store.doc_ids(fused.ordinals[page].tolist())
    documents = catalogue.documents.get_many(generation.manifest.index, ids)
    watch.lap("fetch")
    parts = explain_hits(fused, page, retrievers, request.explain)
    watch.lap("explain")
    hits = [
        Hit(
            id=doc_id,
            rank=place + 1,
            score=fused.value(fused.scores[place]),
            document=_chosen(documents.get(doc_id), request.fields),
            parts=each,
        )
        for place, (doc_id, each) in enumerate(zip(ids, parts, strict=True), request.offset)
    ]
    said = [warning for each in retrievers for warning in each.warnings] if request.q.strip() else []
    warnings = list(dict.fromkeys([*engine.faults, *question.warnings, *said]))
    return SearchResult(hits, total, generation.name, _fingerprint(generation), warnings, watch.stages)


def served_ids(engine: Engine, request: SearchRequest) -> list[str]:
    """The keys of the hits of a request, in the order that `search` serves them. Raises: as `search`."""
    question = _question(engine.generation, request)
    fused, _ = _rank(question, _retrievers(engine.generation, request, question), request)
    page = slice(request.offset, request.offset + request.limit)
    return engine.generation.store.doc_ids(fused.ordinals[page].tolist())


def make_retrievers(generation: Generation, request: SearchRequest) -> list[Retriever]:
    """The retrievers of a request, bound to its query; their names are unique.

    Raises: UnknownNameError, InputError."""
    return _retrievers(generation, request, _question(generation, request))


def _question(generation: Generation, request: SearchRequest) -> Question:
    """The query of a request as it is understood. Raises: InputError where it is too long, or broken and
    the request is strict."""
    _check_query(request.q)
    fields = generation.manifest.settings.text_fields
    return Question(generation, parse(request.q, fields, strict=request.strict))


def _retrievers(generation: Generation, request: SearchRequest, question: Question) -> list[Retriever]:
    given = request.retrievers if request.retrievers is not None else default_specs(generation)
    retrievers: list[Retriever] = []
    for number, each in enumerate(given):
        spec = RetrieverSpec(name=each) if isinstance(each, str) else each
        pointer = f"/retrievers/{number}"
        retriever = make(spec, generation, question, pointer)
        if any(retriever.name == other.name for other in retrievers):
            raise InputError(
                f"Two retrievers are called `{retriever.name}`: give each a `name` of its own.",
                pointer=f"{pointer}/name",
                code="duplicate_retriever",
            )
        retrievers.append(retriever)
    return retrievers


def fusion_of(request: SearchRequest, retrievers: Sequence[Retriever]) -> FusionSettings | None:
    """How the lists are fused; None where one list is served as it is.

    Where the request does not say, by normalised scores, word vectors at a lower weight: ranks alone
    (`rrf`) let a list that knows little count as much as one that knows much. The figures are in
    docs/decisions/0009-default-fusion.md."""
    if request.fusion is not None or len(retrievers) == 1:
        return request.fusion
    return FusionSettings(method="linear", weights={each.name: each.weight for each in retrievers})


def _check_query(text: str) -> None:
    size = len(text.encode())
    if size > MOST_QUERY_BYTES:
        raise InputError(
            f"A query may have {MOST_QUERY_BYTES:,} bytes, this one has {size:,}: shorten it.",
            pointer="/q",
            code="query_too_long",
        )


def _check_fields(catalogue: Catalogue, index: str, names: Sequence[str]) -> None:
    known = catalogue.indexes.get(index).settings.fields if names else {}
    for number, name in enumerate(names):
        if name not in known:
            raise UnknownNameError("field", name, known, pointer=f"/fields/{number}")


def _rank(question: Question, retrievers: Sequence[Retriever], request: SearchRequest) -> tuple[Fused, Total]:
    """All candidates in their order. An empty query has every document as its answer, by key."""
    if (everything := question.unranked()) is not None:
        return unranked(everything), Total(len(everything), "matches")
    rankings = {
        each.name: each.rank(depth)
        for each, depth in zip(retrievers, _depths(request, len(retrievers)), strict=True)
    }
    if (fusion := fusion_of(request, retrievers)) is None:
        [(name, ranking)] = rankings.items()
        fused = unfused(name, ranking)
    else:
        fused = fuse(rankings, fusion)
    return fused, Total(len(fused.ordinals), "fused_candidates")


def _depths(request: SearchRequest, n_retrievers: int) -> list[int]:
    """Hits to take from each retriever: what it names, else enough for the page."""
    given = [None] * n_retrievers if request.retrievers is None else request.retrievers
    named = [each.depth if isinstance(each, RetrieverSpec) else None for each in given]
    return [depth or request.default_depth for depth in named]


def _chosen(document: Document | None, fields: Sequence[str] | None) -> Mapping[str, FieldValue] | None:
    if document is None or fields is None:
        return None if document is None else document.fields
    return {name: value for name, value in document.fields.items() if name in fields}


def _fingerprint(generation: Generation) -> str:
    """What an answer depends on besides the request: program, documents, analysis, encoders."""
    manifest = generation.manifest
    parts = [
        __version__,
        manifest.name,
        manifest.through_seq,
        manifest.corpus_hash,
        manifest.analysis,
        generation.analyzer.query_fingerprint,
        {name: each.fingerprint for name, each in manifest.encoders.items()},
    ]
    return f"sha256:{sha256(orjson.dumps(parts)).hexdigest()}"
