"""Long work: asked for, watched, waited for, canceled."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.dependencies import IndexName, JsonResponse, Service, ServiceDep, StrictRoute, Wait
from app.schemas import ReindexRequest, TaskErrors, TaskList
from indexer.database import TaskRecord, TaskStatus

router = APIRouter(prefix="/v1", tags=["tasks"], route_class=StrictRoute)

TaskId = Annotated[str, Path(description="For example `task-000001`.", max_length=100)]


def accepted(service: Service, task: TaskRecord, wait: float) -> JsonResponse:
    """202 with the task, as it is after waiting for its end."""
    seconds = min(wait, service.settings.max_wait_seconds)
    told = service.tasks.wait(task.id, seconds) if seconds else task
    return JsonResponse(told, HTTPStatus.ACCEPTED, {"Location": f"/v1/tasks/{task.id}"})


@router.post(
    "/indexes/{index}/reindex",
    response_model=TaskRecord,
    status_code=HTTPStatus.ACCEPTED,
    summary="Build a new generation",
)
def post_reindex(
    service: ServiceDep, index: IndexName, request: ReindexRequest | None = None, wait: Wait = 0
) -> JsonResponse:
    """All documents become a new generation, served when it is whole; the former serves till then. One at a
    time for an index: another while one is enqueued or processing: 409."""
    wanted = request or ReindexRequest()
    task = service.tasks.reindex(index, wanted.encoders, keep_encoders=wanted.keep_encoders)
    return accepted(service, task, wait)


@router.get("/tasks", response_model=TaskList, summary="List tasks, newest first")
def get_tasks(
    service: ServiceDep,
    index: Annotated[str | None, Query()] = None,
    status: Annotated[TaskStatus | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> JsonResponse:
    """Tasks of all indexes, or of one index or status."""
    tasks = service.catalogue.tasks.list(index, status, limit)
    return JsonResponse(TaskList([service.told(task) for task in tasks]))


@router.get("/tasks/{task_id}", response_model=TaskRecord, summary="One task")
def get_task(service: ServiceDep, task_id: TaskId, wait: Wait = 0) -> JsonResponse:
    """How far it is; with `wait`, as it is when it has ended or the time is over. `searched`: whether the
    documents that it wrote are found, `encoded`: whether by every encoder too."""
    task = service.tasks.wait(task_id, min(wait, service.settings.max_wait_seconds))
    return JsonResponse(service.told(task))


@router.get("/tasks/{task_id}/errors", response_model=TaskErrors, summary="Lines that a task could not take")
def get_task_errors(service: ServiceDep, task_id: TaskId) -> JsonResponse:
    """Each with its line and reason."""
    return JsonResponse(TaskErrors(service.catalogue.tasks.errors(task_id)))


@router.post("/tasks/{task_id}/cancel", response_model=TaskRecord, summary="Cancel a task")
def post_cancel(service: ServiceDep, task_id: TaskId) -> JsonResponse:
    """Asks the task to stop; nothing of it is published. One that has ended already: 409."""
    return JsonResponse(service.tasks.cancel(task_id))
