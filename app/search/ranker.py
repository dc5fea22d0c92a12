"""From a request to the order of its hits: retrieve, fuse, look again, spread out, sort."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.search.answer import Total
from app.search.diversity import diversify
from app.search.fusion import Fused, FusionSettings, fuse, retriever_weights, unfused, unranked
from app.search.question import Question
from app.search.ranking import DiversitySettings, RetrieverSpec
from app.search.request import SearchRequest
from app.search.reranking import make_reranker, rerank
from app.search.retrievers import Retriever, default_specs, encoder_of, make
from indexer.errors import InputError
from indexer.generation import Generation
from indexer.types import Document, Ordinals, Ranking, Vectors

ENOUGH = 0.5
"""The share of a query that a retriever has to know for its list to count in full by default."""

Fetch = Callable[[Ordinals], Sequence[Document | None]]
"""The documents of ordinals, in their order; None for one that was removed since."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """All hits in their order, and how many there are."""

    fused: Fused
    total: Total


def rank(
    generation: Generation,
    request: SearchRequest,
    question: Question,
    retrievers: Sequence[Retriever],
    fetch: Fetch,
) -> Ranked:
    """The hits of a request. An empty query has every document as its answer, by key.

    Raises: InputError and its kinds, with a pointer."""
    if (everything := question.unranked()) is not None:
        return Ranked(unranked(everything), Total(len(everything), "matches"))
    rankings = {each.name: each.rank(depth_of(request, place)) for place, each in enumerate(retrievers)}
    fused = _fused(rankings, fusion_of(request, retrievers))
    of = "fused_candidates"
    if request.rerank is not None:
        reranker = make_reranker(request.rerank, generation, question)
        fused = rerank(fused, request.rerank, reranker, fetch(fused.ordinals[: request.rerank.window]))
        of = "reranked_candidates"
    if request.diversity is not None:
        vectors = _vectors(generation, request.diversity, fused.ordinals)
        fused = diversify(fused, vectors, request.diversity.relevance)
    return Ranked(fused, Total(len(fused.ordinals), of))


def make_retrievers(generation: Generation, request: SearchRequest, question: Question) -> list[Retriever]:
    """The retrievers of a request, bound to its query; their names are unique.

    Raises: UnknownNameError, InputError."""
    given = request.retrievers if request.retrievers is not None else default_specs(generation)
    retrievers: list[Retriever] = []
    for number, each in enumerate(given):
        spec = RetrieverSpec(name=each) if isinstance(each, str) else each
        pointer = f"/retrievers/{number}"
        retriever = make(spec, generation, question, None, pointer)
        if any(retriever.name == other.name for other in retrievers):
            raise InputError(
                f"Two retrievers are called `{retriever.name}`: give each a `name` of its own.",
                pointer=f"{pointer}/name",
                code="duplicate_retriever",
            )
        retrievers.append(retriever)
    return retrievers


def check_ranking(generation: Generation, request: SearchRequest, question: Question) -> None:
    """Raises what `rank` would, for all of a request that does not depend on what is found."""
    retrievers = make_retrievers(generation, request, question)
    if request.fusion is not None:
        retriever_weights(request.fusion, [each.name for each in retrievers])
    if request.rerank is not None:
        make_reranker(request.rerank, generation, question)
    if request.diversity is not None:
        encoder_of(generation, request.diversity.encoder, "/diversity/encoder")


def fusion_of(request: SearchRequest, retrievers: Sequence[Retriever]) -> FusionSettings | None:
    """How the lists are fused; None where one list is served as it is.

    Where the request does not say, by normalised scores, each list at the weight of its retriever, and at
    less where that knows less than half of the query: ranks alone (`rrf`) let a list that knows little count
    as much as one that knows much. The figures are in docs/decisions/0012-lists-that-know-little.md."""
    if request.fusion is not None or len(retrievers) == 1:
        return request.fusion
    weights = {each.name: each.weight * min(1.0, each.confidence / ENOUGH) for each in retrievers}
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1.0)
    return FusionSettings(method="linear", normalization="distribution", weights=weights)


def depth_of(request: SearchRequest, place: int) -> int:
    """Hits to take from the retriever at this place of the request."""
    given = None if request.retrievers is None else request.retrievers[place]
    named = given.depth if isinstance(given, RetrieverSpec) else None
    return named or request.default_depth


def _fused(rankings: Mapping[str, Ranking], fusion: FusionSettings | None) -> Fused:
    if fusion is not None:
        return fuse(rankings, fusion)
    [(name, ranking)] = rankings.items()
    return unfused(name, ranking)


def _vectors(generation: Generation, settings: DiversitySettings, ordinals: Ordinals) -> Vectors:
    """The vector of each document, the mean of its rows; 0 where it has none."""
    index = encoder_of(generation, settings.encoder, "/diversity/encoder").vectors
    vectors = np.zeros((len(ordinals), index.dims), np.float32)
    for place, ordinal in enumerate(ordinals.tolist()):
        if len(rows := index.vector(ordinal)):
            mean = rows.mean(axis=0)
            vectors[place] = mean / (np.linalg.norm(mean) or 1)
    return vectors
