"""Words in the spaces of an index."""

from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Path, Query
from pydantic import BeforeValidator

from app.completion import MOST_SUGGESTIONS, Suggestions, suggest
from app.dependencies import IndexName, JsonResponse, Service, ServiceDep, StrictRoute
from app.search.request import MOST_QUERY_BYTES
from app.search.spelling import Spelling, spell
from app.words import Analogy, WordNeighbours, analogy, word_neighbours
from indexer.generation import Generation

router = APIRouter(prefix="/v1/indexes/{index}", tags=["words"], route_class=StrictRoute)

Word = Annotated[str, Query(min_length=1, max_length=1_000, description="A word, or any text.")]
Limit = Annotated[int, Query(ge=1, le=1_000)]


@router.get("/terms/{term}", response_model=WordNeighbours, summary="A word in every space")
def get_term(
    service: ServiceDep,
    index: IndexName,
    term: Annotated[
        str,
        Path(description="A word, or any text.", max_length=1_000),
        BeforeValidator(unquote),  # of what main.EncodedSlashes left encoded
    ],
    encoders: Annotated[str | None, Query(description="Names, parted by commas; all if left out.")] = None,
    limit: Limit = 10,
) -> JsonResponse:
    """What is nearest to it by each encoder that has learned words, and which of its terms have no vector."""
    names = None if encoders is None else [each.strip() for each in encoders.split(",")]
    return JsonResponse(word_neighbours(_generation(service, index), term, names, limit))


@router.get("/analogies", response_model=Analogy, summary="a is to b as c is to what?")
def get_analogy(
    service: ServiceDep,
    index: IndexName,
    a: Word,
    b: Word,
    c: Word,
    encoder: Annotated[
        str | None, Query(description="The first that has learned words, if left out.")
    ] = None,
    limit: Limit = 10,
) -> JsonResponse:
    """The terms nearest to b − a + c."""
    return JsonResponse(analogy(_generation(service, index), a, b, c, encoder, limit))


@router.get("/spelling", response_model=Spelling, summary="What a query may have meant")
def get_spelling(
    service: ServiceDep,
    index: IndexName,
    q: Annotated[str, Query(min_length=1, max_length=MOST_QUERY_BYTES, description="The query.")],
    limit: Annotated[int, Query(ge=1, le=100, description="Candidates of a word.")] = 5,
) -> JsonResponse:
    """Which of its words no document has, what may have been meant by them, and why."""
    return JsonResponse(spell(_generation(service, index), q, limit))


@router.get("/suggest", response_model=Suggestions, summary="How a query may go on that is being typed")
def get_suggestions(
    service: ServiceDep,
    index: IndexName,
    q: Annotated[str, Query(max_length=MOST_QUERY_BYTES, description="The query so far; it may be empty.")],
    limit: Annotated[int, Query(ge=1, le=MOST_SUGGESTIONS, description="Suggestions wanted.")] = 8,
) -> JsonResponse:
    """The rest of its last word, and words after it, by the language of the documents; of slips, what may
    have been meant."""
    return JsonResponse(suggest(_generation(service, index), q, limit))


def _generation(service: Service, index: str) -> Generation:
    service.catalogue.indexes.get(index)
    return service.engines.get(index).generation
