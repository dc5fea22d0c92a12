"""Snapshots of all that the service holds: taken, listed, fetched, removed. Restoring is a command."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import FileResponse

from app.dependencies import JsonResponse, ServiceDep, StrictRoute, Wait
from app.routes.tasks import accepted
from app.schemas import SnapshotList
from indexer.database import TaskRecord
from indexer.snapshots import Snapshots

router = APIRouter(prefix="/v1/snapshots", tags=["snapshots"], route_class=StrictRoute)

TAR = "application/x-tar"

SnapshotName = Annotated[
    str, Path(description="For example `snapshot-20261126-183012-5f0c9a1e`.", max_length=100)
]


@router.post("", response_model=TaskRecord, status_code=HTTPStatus.ACCEPTED, summary="Take a snapshot")
def post_snapshots(service: ServiceDep, wait: Wait = 0) -> JsonResponse:
    """All documents, settings, published generations and kept models as they are at one moment, in one
    archive in the folder `snapshots` of the data folder. Its name is in the result of the task. One at a
    time: another while one is enqueued or processing: 409."""
    return accepted(service, service.tasks.snapshot(), wait)


@router.get("", response_model=SnapshotList, summary="List the snapshots")
def get_snapshots(service: ServiceDep) -> JsonResponse:
    """Oldest first."""
    return JsonResponse(SnapshotList(Snapshots(service.settings.data_dir).list()))


@router.get(
    "/{snapshot}",
    response_class=FileResponse,
    responses={200: {"content": {TAR: {"schema": {"type": "string", "format": "binary"}}}}},
    summary="Fetch a snapshot",
)
def get_snapshot(service: ServiceDep, snapshot: SnapshotName) -> FileResponse:
    """The archive, for `textprism restore`."""
    path = Snapshots(service.settings.data_dir).path(snapshot)
    return FileResponse(path, media_type=TAR, filename=path.name)


@router.delete("/{snapshot}", status_code=HTTPStatus.NO_CONTENT, summary="Remove a snapshot")
def delete_snapshot(service: ServiceDep, snapshot: SnapshotName) -> Response:
    """It is gone when the answer comes."""
    Snapshots(service.settings.data_dir).remove(snapshot)
    return Response(status_code=HTTPStatus.NO_CONTENT)
