"""Why a document is among the first hits or not, and what the first hits depend on."""

from fastapi import APIRouter

from app.dependencies import IndexName, JsonResponse, ServiceDep, StrictRoute
from app.search.counterfactuals import Counterfactuals, counterfactuals
from app.search.request import SearchRequest
from app.search.whynot import ExplainRequest, Explanation, explain

router = APIRouter(prefix="/v1/indexes/{index}", tags=["search"], route_class=StrictRoute)


@router.post("/explain", response_model=Explanation, summary="Why, and why not")
def post_explain(service: ServiceDep, index: IndexName, request: ExplainRequest) -> JsonResponse:
    """Of one document and a search: where it stands in each list and after each step, where it fell, who
    stands above and why, and the smallest changes that bring it among the first `limit` hits. Every change
    was tried."""
    service.catalogue.indexes.get(index)
    service.check(request)
    engine = service.engines.get(index)
    return JsonResponse(explain(service.catalogue, engine, request, service.settings.max_hits))


@router.post("/counterfactuals", response_model=Counterfactuals, summary="What the first hits depend on")
def post_counterfactuals(service: ServiceDep, index: IndexName, request: SearchRequest) -> JsonResponse:
    """What each word of the query and each retriever does to the first `limit` hits of a search, and which
    hits hang on one word."""
    service.catalogue.indexes.get(index)
    service.check(request)
    return JsonResponse(counterfactuals(service.catalogue, service.engines.get(index), request))
