"""The generations of an index: which are kept, and which one is served."""

from typing import Annotated

from fastapi import APIRouter, Path

from app.dependencies import IndexName, JsonResponse, Service, ServiceDep, StrictRoute
from app.schemas import GenerationList
from indexer.build import kept_generations
from indexer.generation import IndexFolder

router = APIRouter(prefix="/v1/indexes/{index}/generations", tags=["generations"], route_class=StrictRoute)

GenerationName = Annotated[str, Path(description="For example `gen-000043`.", max_length=100)]


@router.get("", response_model=GenerationList, summary="List the generations that are kept")
def get_generations(service: ServiceDep, index: IndexName) -> JsonResponse:
    """Oldest first, each with the report of its build."""
    return _listed(service, index)


@router.post("/{generation}/activate", response_model=GenerationList, summary="Serve a kept generation")
def post_activate(service: ServiceDep, index: IndexName, generation: GenerationName) -> JsonResponse:
    """Another one, also an older one, after it was verified; with it the documents that changed since. One
    that is damaged: 409, and nothing changes."""
    service.catalogue.indexes.get(index)
    IndexFolder(service.settings.data_dir, index).activate(generation)
    service.engines.update(index)
    return _listed(service, index)


def _listed(service: Service, index: str) -> JsonResponse:
    return JsonResponse(GenerationList(kept_generations(service.catalogue, service.settings.data_dir, index)))
