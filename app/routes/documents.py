"""The documents of an index: sent in, listed, read."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool

from app.dependencies import DocId, IndexName, JsonResponse, Service, ServiceDep, StrictRoute
from app.schemas import DocumentBody, DocumentPage
from indexer.database import TaskRecord
from indexer.documents import Format, ImportReport, Source, import_documents
from indexer.errors import InputError
from indexer.types import Document

router = APIRouter(prefix="/v1/indexes/{index}/documents", tags=["documents"], route_class=StrictRoute)

_STREAMED: dict[str, Format] = {
    "application/x-ndjson": "jsonl",
    "application/jsonl": "jsonl",
    "text/csv": "csv",
}
_BODIES = {
    "application/json": {
        "schema": {"type": "array", "items": {"type": "object"}},
        "example": [{"id": "1", "title": "猫", "text": "猫喜欢吃鱼。", "lang": "zh", "year": 2024}],
    },
    "application/x-ndjson": {"schema": {"type": "string"}, "example": '{"id": "1", "text": "…"}\n'},
    "text/csv": {"schema": {"type": "string"}, "example": "id,title,text\n1,猫,猫喜欢吃鱼。\n"},
}


@router.post(
    "",
    response_model=TaskRecord,
    status_code=HTTPStatus.ACCEPTED,
    summary="Add or replace documents",
    openapi_extra={"requestBody": {"required": True, "content": _BODIES}},
)
async def post_documents(
    service: ServiceDep,
    index: IndexName,
    request: Request,
    on_error: Annotated[
        Literal["refuse", "skip"],
        Query(description="`refuse`: a bad document refuses all; `skip`: only itself."),
    ] = "refuse",
) -> JsonResponse:
    """Stores documents by `id`, all of them or none; an index that is not there is made.

    They are searched after the next reindex. The answer comes when they are stored for good."""
    async with _received(request) as source:
        task = await run_in_threadpool(_store, service, index, source, on_error == "skip")
    return JsonResponse(task, HTTPStatus.ACCEPTED, {"Location": f"/v1/tasks/{task.id}"})


@router.get("", response_model=DocumentPage, summary="List documents")
def get_documents(
    service: ServiceDep,
    index: IndexName,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
    limit: Annotated[int, Query(ge=0, le=1_000)] = 20,
) -> JsonResponse:
    """Documents in the order of their keys."""
    documents = service.catalogue.documents.list(index, offset, limit)
    total = service.catalogue.documents.count(index)
    return JsonResponse(DocumentPage([_body(each) for each in documents], total))


@router.get("/{doc_id}", response_model=DocumentBody, summary="One document")
def get_document(service: ServiceDep, index: IndexName, doc_id: DocId) -> JsonResponse:
    """The document as it was sent last."""
    return JsonResponse(_body(service.catalogue.documents.get(index, doc_id)))


def _body(document: Document) -> DocumentBody:
    return DocumentBody(document.doc_id, document.fields)


def _store(service: Service, index: str, source: Source, skip_bad: bool) -> TaskRecord:
    """The finished task of an import. Raises: BadLinesError; nothing is stored then."""
    report = import_documents(
        service.catalogue,
        index,
        [source],
        skip_bad=skip_bad,
        max_document_bytes=service.settings.max_document_bytes,
    )
    tasks = service.catalogue.tasks
    task = tasks.start(tasks.create("import", index).id)
    tasks.add_errors(task.id, report.bad)
    return tasks.succeed(task.id, _summary(report))


def _summary(report: ImportReport) -> dict[str, Any]:
    return {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "bad": report.bad_total,
        "index_created": report.index_created,
    }


@asynccontextmanager
async def _received(request: Request) -> AsyncIterator[Source]:
    """The body as a source, put aside in a file: a client that goes away half-way has stored nothing."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    with tempfile.TemporaryDirectory(prefix="textprism-") as folder:
        path = Path(folder) / "body"
        if kind == "application/json":
            path.write_bytes(_lines(await request.json()))
        elif kind in _STREAMED:
            with open(path, "wb") as file:
                async for chunk in request.stream():
                    await run_in_threadpool(file.write, chunk)
        else:
            known = ", ".join(["application/json", *_STREAMED])
            raise HTTPException(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content-Type `{kind[:100]}` is none of {known}."
            )
        gzipped = request.headers.get("content-encoding", "").strip().lower() == "gzip"
        yield Source("body", _STREAMED.get(kind, "jsonl"), lambda: path.open("rb"), gzipped=gzipped)


def _lines(documents: Any) -> bytes:
    """A JSON array as JSON lines, so that one reader checks both. Raises: InputError."""
    if not isinstance(documents, list):
        raise InputError(
            f"The body must be a JSON array of documents, found {type(documents).__name__}.",
            code="not_an_array",
        )
    return b"".join(orjson.dumps(each) + b"\n" for each in documents)
