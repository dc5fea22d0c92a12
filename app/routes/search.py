"""Search, several searches in one call, and the same query through everything side by side."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.dependencies import DocId, IndexName, JsonResponse, Service, ServiceDep, StrictRoute
from app.schemas import CompareRequest, MultiSearchRequest, SearchResults
from app.search.answer import SearchResult
from app.search.comparison import Comparison, compare
from app.search.request import Explain, Over, SearchRequest, search_request
from app.search.searcher import next_page, search
from indexer.errors import TextPrismError

router = APIRouter(prefix="/v1", tags=["search"], route_class=StrictRoute)


@router.post("/indexes/{index}/search", response_model=SearchResult, summary="Search an index")
def post_search(service: ServiceDep, index: IndexName, request: SearchRequest) -> JsonResponse:
    """Ranks with one retriever or several fused; every hit says what its score is the sum of."""
    return JsonResponse(_search(service, index, request))


@router.get("/indexes/{index}/search", response_model=SearchResult, summary="Search from a browser")
def get_search(
    service: ServiceDep,
    index: IndexName,
    q: Annotated[str | None, Query(description="The query.")] = None,
    limit: Annotated[int | None, Query(ge=0, le=1_000)] = None,
    offset: Annotated[int | None, Query(ge=0, le=1_000)] = None,
    cursor: Annotated[str | None, Query(description="From an answer: the next page.")] = None,
    filter: Annotated[str | None, Query(description="For example `lang = zh AND year >= 2020`.")] = None,
    profile: Annotated[str | None, Query(description="Ranking settings by name, `news` or `news@3`.")] = None,
    retrievers: Annotated[str | None, Query(description="Names, parted by commas.")] = None,
    fusion: Annotated[str | None, Query(description="`rrf`, `linear` or `combmnz`.")] = None,
    sort: Annotated[str | None, Query(description="Fields, parted by commas: `year:desc`.")] = None,
    facets: Annotated[str | None, Query(description="Fields, parted by commas.")] = None,
    over: Annotated[Over | None, Query(description="What is counted.")] = None,
    highlight: Annotated[str | None, Query(description="Text fields, parted by commas.")] = None,
    explain: Annotated[Explain | None, Query()] = None,
    strict: Annotated[bool | None, Query(description="Refuse a broken query.")] = None,
    suggest: Annotated[bool | None, Query(description="Suggest another query where that finds more.")] = None,
) -> JsonResponse:
    """The same with plain names in the address."""
    lists = {"retrievers": retrievers, "sort": sort, "facets": facets, "highlight": highlight}
    request = search_request(
        q=q,
        limit=limit,
        offset=offset,
        cursor=cursor,
        filter=filter,
        profile=profile,
        fusion=fusion,
        over=over,
        explain=explain,
        strict=strict,
        suggest=suggest,
        **{name: None if given is None else _names(given) for name, given in lists.items()},
    )
    return post_search(service, index, request)


@router.get(
    "/indexes/{index}/documents/{doc_id}/similar", response_model=SearchResult, summary="More like this"
)
def get_similar(
    service: ServiceDep,
    index: IndexName,
    doc_id: DocId,
    limit: Annotated[int | None, Query(ge=0, le=1_000)] = None,
    retrievers: Annotated[str | None, Query(description="Names, parted by commas.")] = None,
    filter: Annotated[str | None, Query(description="For example `lang = zh AND year >= 2020`.")] = None,
    explain: Annotated[Explain | None, Query()] = None,
) -> JsonResponse:
    """What is like a document, which itself is not among it; `like` of a search can say more."""
    service.catalogue.documents.get(index, doc_id)
    names = None if retrievers is None else _names(retrievers)
    request = search_request(like=doc_id, limit=limit, retrievers=names, filter=filter, explain=explain)
    return post_search(service, index, request)


@router.post("/multi-search", response_model=SearchResults, summary="Several searches in one call")
def post_multi_search(service: ServiceDep, request: MultiSearchRequest) -> JsonResponse:
    """The answer to each search; where one of them is wrong, the error says which, and none is answered."""
    results = []
    for number, each in enumerate(request.searches):
        own = SearchRequest.model_construct(
            each.model_fields_set - {"index"},
            **{name: getattr(each, name) for name in SearchRequest.model_fields},
        )
        try:
            results.append(_search(service, each.index, own))
        except TextPrismError as error:
            error.pointer = f"/searches/{number}{error.pointer}"
            raise
    return JsonResponse(SearchResults(results))


@router.post("/indexes/{index}/compare", response_model=Comparison, summary="One query through everything")
def post_compare(service: ServiceDep, index: IndexName, request: CompareRequest) -> JsonResponse:
    """The hits of each retriever and profile alone, how alike their lists are, and what only one of them
    found."""
    service.catalogue.indexes.get(index)
    asked = SearchRequest(
        q=request.q, limit=request.limit, retrievers=request.retrievers, filter=request.filter, suggest=False
    )
    service.check(asked)
    engine = service.engines.get(index)
    return JsonResponse(compare(service.catalogue, engine, asked, request.retrievers, request.profiles))


def _search(service: Service, index: str, request: SearchRequest) -> SearchResult:
    service.catalogue.indexes.get(index)
    service.check(request)
    if request.cursor is not None:
        return next_page(service.catalogue, index, request, service.pages)
    return search(service.catalogue, service.engines.get(index), request, service.pages)


def _names(given: str) -> list[str]:
    return [name.strip() for name in given.split(",")]
