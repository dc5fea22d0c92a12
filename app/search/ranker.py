"""From a request to the order of its hits: retrieve, fuse, look again, spread out, sort, group."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.search.answer import Total
from app.search.filters import parse_filter
from app.search.fusion import Fused, FusionSettings, fuse, retriever_weights, unfused, unranked
from app.search.ranking import DiversitySettings, Filter, GroupSettings, RetrieverSpec
from app.search.request import SearchRequest
from app.search.retrieval.question import Asked
from app.search.retrieval.retrievers import Retriever, default_specs, encoder_of, make
from app.search.stages.diversity import diversify
from app.search.stages.reranking import make_reranker, rerank
from app.search.stages.sorting import Grouped, group_hits, sort_hits
from indexer.encoders import PairModels
from indexer.errors import InputError
from indexer.generation import Generation
from indexer.lexical import both
from indexer.metadata import FieldValues
from indexer.types import Allowed, Document, Ordinals, Ranking, Vectors
from indexer.vectors import VectorIndex, middle

ENOUGH = 0.5
"""The share of a query that a retriever has to know for its list to count in full by default."""

Fetch = Callable[[Ordinals], Sequence[Document | None]]
"""The documents of ordinals, in their order; None for one that was removed since."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """All hits in their order, and the documents that are counted, as many as `total` says.

    lists: what each retriever gave, by its name · steps: the hits after each step of the way, by the key of
    the request that asks for it; the last are `fused` · groups: of each hit, where hits were grouped."""

    total: Total
    counted: Ordinals
    lists: Mapping[str, Ranking]
    steps: Mapping[str, Fused]
    groups: Sequence[Grouped | None] | None = None

    @property
    def fused(self) -> Fused:
        """All hits in their order."""
        return list(self.steps.values())[-1]


class Ranker:
    """One request, bound to a generation and to what is asked.

    allowed: the documents that its filter selects, None for all. Raises: InputError and its kinds, with a
    pointer, for all that is wrong with a request and does not depend on what is found."""

    def __init__(
        self,
        generation: Generation,
        request: SearchRequest,
        question: Asked,
        models: PairModels | None = None,
    ) -> None:
        self._generation = generation
        self._request = request
        self._question = question
        self._allowed = self._selected(request.filter, "/filter")
        self.retrievers = self._made()
        self.fusion = self._fusion()
        self._reranker = (
            None if request.rerank is None else make_reranker(request.rerank, generation, question, models)
        )
        self._grouping = None if request.group is None else self._values(request.group)
        self._alike = None if request.diversity is None else self._index(request.diversity)

    def rank(self, fetch: Fetch) -> Ranked:
        """The hits. An empty query has every document that the filter selects as its answer, by key."""
        if (everything := self._question.unranked()) is not None:
            found = everything if self._allowed is None else everything[self._allowed[everything]]
            return self._arranged({}, {"fusion": unranked(found)}, found, "matches")
        lists = {
            each.name: each.rank(depth_of(self._request, place)) for place, each in enumerate(self.retrievers)
        }
        fused, of = self._candidates(lists), "fused_candidates"
        steps = {"fusion": fused}
        if self._request.rerank is not None and self._reranker is not None:
            documents = fetch(fused.ordinals[: self._request.rerank.window])
            fused = steps["rerank"] = rerank(fused, self._request.rerank, self._reranker, documents)
            of = "reranked_candidates"
        if self._request.diversity is not None and self._alike is not None:
            vectors = _vectors(self._alike, fused.ordinals)
            fused = steps["diversity"] = diversify(fused, vectors, self._request.diversity.relevance)
        if self._request.over == "matches":
            return self._arranged(lists, steps, self._matching(fused), "matches")
        return self._arranged(lists, steps, fused.ordinals, of)

    def _candidates(self, lists: Mapping[str, Ranking]) -> Fused:
        if self.fusion is not None:
            return fuse(lists, self.fusion)
        [(name, ranking)] = lists.items()
        return unfused(name, ranking)

    def _arranged(
        self, lists: Mapping[str, Ranking], steps: dict[str, Fused], counted: Ordinals, of: str
    ) -> Ranked:
        """The hits sorted and grouped, and what is counted: what was grouped is, unless all matches are."""
        request = self._request
        fused = list(steps.values())[-1]
        if request.sort:
            fused = steps["sort"] = sort_hits(fused.with_all(counted), request.sort, self._generation)
        if request.group is None or self._grouping is None:
            return Ranked(Total(len(counted), of), counted, lists, steps)
        fused, groups = group_hits(fused, self._grouping, request.group.size)
        steps["group"] = fused
        if of != "matches":
            counted, of = fused.ordinals, "grouped_candidates"
        return Ranked(Total(len(counted), of), counted, lists, steps, groups)

    def _matching(self, fused: Fused) -> Ordinals:
        """Every document that matches: those that hold a term of a lexical retriever, and the candidates of
        the others, which know no bound."""
        found = np.zeros(self._generation.lexical.n_docs, np.bool_)
        found[fused.ordinals] = True
        for each in self.retrievers:
            if (matching := each.matching()) is not None:
                found |= matching
        return np.flatnonzero(found).astype(np.int32)

    def _selected(self, given: Filter, pointer: str) -> Allowed | None:
        if given is None:
            return None
        return self._generation.metadata.select(parse_filter(given, pointer))

    def _made(self) -> list[Retriever]:
        """The retrievers; their names are unique."""
        given = self._request.retrievers
        retrievers: list[Retriever] = []
        for number, each in enumerate(default_specs(self._generation) if given is None else given):
            spec = RetrieverSpec(name=each) if isinstance(each, str) else each
            pointer = f"/retrievers/{number}"
            allowed = both(self._allowed, self._selected(spec.filter, f"{pointer}/filter"))
            retriever = make(spec, self._generation, self._question, allowed, pointer)
            if any(retriever.name == other.name for other in retrievers):
                raise InputError(
                    f"Two retrievers are called `{retriever.name}`: give each a `name` of its own.",
                    pointer=f"{pointer}/name",
                    code="duplicate_retriever",
                )
            retrievers.append(retriever)
        return retrievers

    def _fusion(self) -> FusionSettings | None:
        """How the lists are fused; None where one list is served as it is.

        Where the request does not say, by normalised scores, each list at the weight of its retriever, and at
        less where that knows less than half of the query: ranks alone (`rrf`) let a list that knows little
        count as much as one that knows much. The figures are in
        docs/decisions/0012-lists-that-know-little.md."""
        if (fusion := self._request.fusion) is not None:
            retriever_weights(fusion, [each.name for each in self.retrievers])
            return fusion
        if len(self.retrievers) == 1:
            return None
        weights = {each.name: each.weight * min(1.0, each.confidence / ENOUGH) for each in self.retrievers}
        if not any(weights.values()):
            weights = dict.fromkeys(weights, 1.0)
        return FusionSettings(method="linear", normalization="distribution", weights=weights)

    def _values(self, settings: GroupSettings) -> FieldValues:
        return self._generation.metadata.field(settings.field, "/group/field")

    def _index(self, settings: DiversitySettings) -> VectorIndex:
        return encoder_of(self._generation, settings.encoder, "/diversity/encoder").vectors


def _vectors(index: VectorIndex, ordinals: Ordinals) -> Vectors:
    """The vector of each document, the middle of its rows; 0 where it has none."""
    vectors = np.zeros((len(ordinals), index.dims), np.float32)
    for place, ordinal in enumerate(ordinals.tolist()):
        if len(rows := index.vector(ordinal)):
            vectors[place] = middle(rows)
    return vectors


def depth_of(request: SearchRequest, place: int) -> int:
    """Hits to take from the retriever at this place of the request."""
    given = None if request.retrievers is None else request.retrievers[place]
    named = given.depth if isinstance(given, RetrieverSpec) else None
    return named or request.default_depth
