"""Search, and the same query through every retriever side by side."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.dependencies import IndexName, JsonResponse, ServiceDep, StrictRoute
from app.schemas import CompareRequest, Comparison
from app.search.comparison import compare
from app.search.request import Explain, SearchRequest, search_request
from app.search.searcher import SearchResult, search

router = APIRouter(prefix="/v1/indexes/{index}", tags=["search"], route_class=StrictRoute)


@router.post("/search", response_model=SearchResult, summary="Search an index")
def post_search(service: ServiceDep, index: IndexName, request: SearchRequest) -> JsonResponse:
    """Ranks with one retriever or several fused; every hit says what its score is the sum of."""
    service.catalogue.indexes.get(index)
    return JsonResponse(search(service.catalogue, service.engines.get(index), request))


@router.get("/search", response_model=SearchResult, summary="Search from a browser")
def get_search(
    service: ServiceDep,
    index: IndexName,
    q: Annotated[str, Query(description="The query.")] = "",
    limit: Annotated[int, Query(ge=0, le=1_000)] = 10,
    offset: Annotated[int, Query(ge=0, le=1_000)] = 0,
    retrievers: Annotated[str | None, Query(description="Names, parted by commas.")] = None,
    fusion: Annotated[str | None, Query(description="`rrf` or `linear`.")] = None,
    explain: Annotated[Explain, Query()] = "parts",
    strict: Annotated[bool, Query(description="Refuse a broken query.")] = False,
) -> JsonResponse:
    """The same with plain names in the address."""
    names = None if retrievers is None else [name.strip() for name in retrievers.split(",")]
    request = search_request(
        q=q,
        limit=limit,
        offset=offset,
        retrievers=names,
        fusion=fusion,
        explain=explain,
        strict=strict,
    )
    return post_search(service, index, request)


@router.post("/compare", response_model=Comparison, summary="One query through every retriever")
def post_compare(service: ServiceDep, index: IndexName, request: CompareRequest) -> JsonResponse:
    """The hits of each retriever alone."""
    service.catalogue.indexes.get(index)
    engine = service.engines.get(index)
    return JsonResponse(
        Comparison(compare(service.catalogue, engine, request.q, request.limit, request.retrievers))
    )
