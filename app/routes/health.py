"""Whether the service is alive, and whether it can answer."""

from fastapi import APIRouter

from app.dependencies import JsonResponse, ServiceDep
from app.schemas import Status
from indexer import __version__

router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=Status, summary="Alive")
async def get_health() -> JsonResponse:
    """The process answers; nothing else is looked at."""
    return JsonResponse(Status("ok", __version__))


@router.get("/readyz", response_model=Status, summary="Ready")
def get_ready(service: ServiceDep) -> JsonResponse:
    """The catalogue answers and every index can be searched, `degraded` where one by words alone because its
    files are damaged; else 503 with the reason. `faults`: what was found damaged."""
    every = [service.engines.get(record.name).generation for record in service.catalogue.indexes.list()]
    degraded = any(generation.degraded for generation in every)
    faults = service.scrubber.faults
    return JsonResponse(Status("degraded" if degraded else "ready", __version__, faults))
