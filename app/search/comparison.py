"""One query through retrievers and profiles, each alone, and how alike their answers are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.search.agreement import Agreement, agreements, only_in
from app.search.answer import SearchResult
from app.search.engines import Engine
from app.search.listing import asked_by
from app.search.profiles import retriever_name
from app.search.ranker import Ranker
from app.search.ranking import NameOrSpec
from app.search.request import SearchRequest
from app.search.retrieval.retrievers import retriever_names
from app.search.searcher import search
from indexer.database import Catalogue
from indexer.errors import InputError

PROFILE = "profile:"
"""What stands before the name of a profile where it stands beside those of retrievers."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The answer of each retriever alone, by its name, and of each profile; then every pair of these lists,
    and what each of them alone found. There a profile is called `profile:NAME`."""

    retrievers: Mapping[str, SearchResult]
    profiles: Mapping[str, SearchResult]
    agreement: Sequence[Agreement]
    only: Mapping[str, Sequence[str]]


def compare(
    catalogue: Catalogue,
    engine: Engine,
    request: SearchRequest,
    retrievers: Sequence[NameOrSpec] | None = None,
    profiles: Sequence[str] = (),
) -> Comparison:
    """The request through each retriever and each profile; where neither is named, through all that the
    index has. Raises: as `search`; what is wrong with a profile has its place among these."""
    if retrievers is None and not profiles:
        retrievers = list(retriever_names(engine.generation))
        profiles = [each.name for each in catalogue.profiles.list(engine.generation.manifest.index)]
    named = list(retrievers or ())
    if named:  # so that what is wrong with one of them is told with its place
        together = request.model_copy(update={"retrievers": named})
        asked = asked_by(catalogue, engine.generation, together)
        Ranker(engine.generation, together, asked, engine.models)
    by_retriever = {
        retriever_name(each): search(catalogue, engine, request.model_copy(update={"retrievers": [each]}))
        for each in named
    }
    by_profile: dict[str, SearchResult] = {}
    for number, each in enumerate(profiles):
        try:
            by_profile[each] = search(catalogue, engine, request.model_copy(update={"profile": each}))
        except InputError as error:
            if error.pointer == "/profile":
                error.pointer = f"/profiles/{number}"
            raise
    every = {**by_retriever, **{f"{PROFILE}{name}": each for name, each in by_profile.items()}}
    lists = {name: [hit.id for hit in each.hits] for name, each in every.items()}
    return Comparison(by_retriever, by_profile, agreements(lists), only_in(lists))
