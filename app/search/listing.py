"""The whole answer to a request, before a page of it is taken: all hits in their order, counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import orjson

from app.search.answer import Stopwatch, Total
from app.search.engines import Engine
from app.search.facets import Facets, count_facets
from app.search.fusion import Fused
from app.search.profiles import find_profile, with_profile
from app.search.query import parse
from app.search.ranker import Ranked, Ranker
from app.search.ranking import RankingSettings
from app.search.request import SearchRequest, check_query
from app.search.retrieval.expansion import ExpansionTerm
from app.search.retrieval.likeness import like_document
from app.search.retrieval.question import Asked, Question
from app.search.stages.sorting import Grouped
from indexer import __version__
from indexer.database import Catalogue, ProfileRecord
from indexer.errors import InputError, MissingError, UnknownNameError
from indexer.generation import Generation
from indexer.types import Document, Ordinals


@dataclass(frozen=True, slots=True)
class Listing:
    """All hits of a request in their order, and what its pages have in common.

    request: with its profile filled in · question: what a document was asked for that may be another one, or
    gone, when a later page is taken; None for a query, which its text says · ranker: bound to the question;
    None where a later page is taken, which binds one anew if it needs it · groups: of each hit, where hits
    were grouped."""

    engine: Engine
    request: SearchRequest
    profile: ProfileRecord
    fused: Fused
    total: Total
    warnings: Sequence[str]
    exact: bool
    question: Asked | None
    ranker: Ranker | None
    expansion: Sequence[ExpansionTerm] | None = None
    facets: Facets | None = None
    groups: Sequence[Grouped | None] | None = None

    @property
    def index(self) -> str:
        """The index that was searched."""
        return self.engine.generation.manifest.index

    def doc_ids(self, page: slice) -> list[str]:
        """The keys of a page of hits."""
        return self.engine.generation.lexical.doc_ids(self.fused.ordinals[page].tolist())

    @property
    def n_bytes(self) -> int:
        """About what it takes in memory."""
        parts = self.fused.parts.values()
        arrays = [
            array
            for each in parts
            for array in (each.contributions, each.scores, each.ranks, each.slopes, each.ties)
            if array is not None
        ]
        text = "" if self.question is None else self.question.text
        return 4_096 + 4 * len(text) + self.fused.scores.nbytes + sum(each.nbytes for each in arrays)

    @property
    def fingerprint(self) -> str:
        """What an answer depends on besides the request."""
        return fingerprint(self.engine.generation, self.profile)


def fingerprint(generation: Generation, profile: ProfileRecord) -> str:
    """What an answer depends on besides the request: program, documents, analysis, models, profile."""
    manifest = generation.manifest
    parts = [
        __version__,
        manifest.name,
        manifest.through_seq,
        manifest.corpus_hash,
        manifest.analysis,
        generation.analyzer.query_fingerprint,
        {name: each.fingerprint for name, each in manifest.encoders.items()},
        [str(profile), profile.settings],
    ]
    return f"sha256:{sha256(orjson.dumps(parts)).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Bound:
    """A request, its profile filled in, and what answers it in one generation."""

    catalogue: Catalogue
    engine: Engine
    request: SearchRequest
    profile: ProfileRecord
    question: Asked
    ranker: Ranker

    def rank(self) -> Ranked:
        """All hits. Ties: smaller `doc_id` by its UTF-8 bytes."""
        return self.ranker.rank(self.fetch)

    def fetch(self, ordinals: Ordinals) -> list[Document | None]:
        """These documents as they are stored now; None for one that was removed."""
        generation = self.engine.generation
        ids = generation.lexical.doc_ids(ordinals.tolist())
        found = self.catalogue.documents.get_many(generation.manifest.index, ids)
        return [found.get(each) for each in ids]


def bind(
    catalogue: Catalogue,
    engine: Engine,
    request: SearchRequest,
    profile: ProfileRecord | None = None,
    question: Asked | None = None,
) -> Bound:
    """A request bound to what answers it; `profile`, `question`: what it names and asks for, where that is
    known already.

    Raises: InputError and its kinds, with a pointer."""
    generation = engine.generation
    if profile is None:
        profile = find_profile(catalogue, generation.manifest.index, request.profile)
    given, request = request, with_profile(request, profile)
    _check_fields(generation, request)
    try:
        asked = asked_by(catalogue, generation, request) if question is None else question
        ranker = Ranker(generation, request, asked, engine.models)
    except InputError as error:
        raise _told_of_profile(error, given, profile) from None
    return Bound(catalogue, engine, request, profile, asked, ranker)


def list_hits(catalogue: Catalogue, engine: Engine, request: SearchRequest, watch: Stopwatch) -> Listing:
    """The hits of a request. Ties: smaller `doc_id` by its UTF-8 bytes.

    Raises: InputError and its kinds, with a pointer."""
    bound = bind(catalogue, engine, request)
    request, question, ranker = bound.request, bound.question, bound.ranker
    watch.lap("analyse")
    ranked = bound.rank()
    watch.lap("rank")
    facets = None
    if request.facets:
        facets = count_facets(
            engine.generation, request.facets, request.facet_limit, ranked.counted, ranked.total.of
        )
        watch.lap("facets")
    return Listing(
        engine=engine,
        request=request,
        profile=bound.profile,
        fused=ranked.fused,
        total=ranked.total,
        warnings=warnings_of(bound),
        exact=all(each.exact for each in ranker.retrievers),
        question=None if request.like is None else question,
        ranker=ranker,
        expansion=question.expansion,
        facets=facets,
        groups=ranked.groups,
    )


def warnings_of(bound: Bound) -> list[str]:
    """What whoever asks should know of the index, the query and the retrievers, each once."""
    question = bound.question
    said = [each for one in bound.ranker.retrievers for each in one.warnings if question.text.strip()]
    return list(dict.fromkeys([*bound.engine.faults, *question.warnings, *said]))


def _told_of_profile(error: InputError, given: SearchRequest, profile: ProfileRecord) -> InputError:
    """The error, or one that names the profile where it is that which said what is wrong: a retriever, for
    example, whose encoder a later generation was built without."""
    key = error.pointer.removeprefix("/").partition("/")[0]
    if key not in RankingSettings.model_fields or getattr(given, key) is not None or not profile.settings:
        return error
    message = f"The profile `{profile}` does not fit the index as it is built now: {error.message}"
    return InputError(message, pointer="/profile", code="profile_unfit")


def asked_by(catalogue: Catalogue, generation: Generation, request: SearchRequest) -> Asked:
    """What a request asks for. Raises: as `question_of`; InputError where there is no such document."""
    if request.like is None:
        return question_of(generation, request)
    try:
        return like_document(catalogue, generation, request.like)
    except MissingError as error:
        raise InputError(error.message, pointer="/like", code="unknown_document") from None


def question_of(generation: Generation, request: SearchRequest) -> Question:
    """The query of a request as it is understood. Raises: InputError where it is too long, or broken and
    the request is strict."""
    check_query(request.q)
    fields = generation.manifest.settings.text_fields
    return Question(generation, parse(request.q, fields, strict=request.strict), request.expansion)


def _check_fields(generation: Generation, request: SearchRequest) -> None:
    """Raises UnknownNameError for a field to be highlighted that is not searched."""
    known = generation.manifest.settings.text_fields
    for number, name in enumerate(request.highlight):
        if name not in known:
            raise UnknownNameError("field", name, known, pointer=f"/highlight/{number}")
