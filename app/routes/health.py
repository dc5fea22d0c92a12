"""Whether the service is alive, and whether it can answer."""

from contextlib import suppress

from fastapi import APIRouter

from app.dependencies import JsonResponse, ServiceDep
from app.schemas import Status
from indexer import __version__
from indexer.errors import NotBuiltError

router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=Status, summary="Alive")
async def get_health() -> JsonResponse:
    """The process answers; nothing else is looked at."""
    return JsonResponse(Status("ok", __version__))


@router.get("/readyz", response_model=Status, summary="Ready")
def get_ready(service: ServiceDep) -> JsonResponse:
    """The catalogue answers and every index that was built can be searched; else 503 with the reason."""
    for record in service.catalogue.indexes.list():
        with suppress(NotBuiltError):
            service.engines.get(record.name)
    return JsonResponse(Status("ready", __version__))
