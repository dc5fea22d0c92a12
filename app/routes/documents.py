"""The documents of an index: sent in, listed, read."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError

from app.dependencies import (
    DocId,
    IndexName,
    JsonResponse,
    Service,
    ServiceDep,
    StrictRoute,
    content_encoding,
    media_type,
)
from app.schemas import DocumentBody, DocumentPage
from indexer.database import TaskRecord
from indexer.documents import Format, ImportReport, Source, import_documents
from indexer.errors import InputError, MissingError
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


@router.delete("/{doc_id}", status_code=HTTPStatus.NO_CONTENT, summary="Remove one document")
def delete_document(service: ServiceDep, index: IndexName, doc_id: DocId) -> Response:
    """It is gone from the catalogue at once, and from the rankings with the next reindex."""
    if not service.catalogue.documents.delete(index, [doc_id]):
        raise MissingError("document", doc_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


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
    kind = media_type(request, ["application/json", *_STREAMED])
    encoding = content_encoding(request, ["identity", "gzip"] if kind in _STREAMED else ["identity"])
    with tempfile.TemporaryDirectory(prefix="textprism-") as folder:
        path = Path(folder) / "body"
        if kind in _STREAMED:
            with open(path, "wb") as file:
                async for chunk in request.stream():
                    await run_in_threadpool(file.write, chunk)
        else:
            path.write_bytes(await run_in_threadpool(_lines, await request.body()))
        format = _STREAMED.get(kind, "jsonl")
        yield Source("body", format, lambda: path.open("rb"), gzipped=encoding == "gzip")


def _lines(body: bytes) -> bytes:
    """A JSON array as JSON lines, so that one reader checks both.

    Raises: RequestValidationError as FastAPI does of a body that is no JSON, InputError."""
    try:
        documents = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        fault = {"type": "json_invalid", "loc": ("body", error.pos), "ctx": {"error": error.msg}}
        raise RequestValidationError([fault]) from None
    if not isinstance(documents, list):
        raise InputError("The body must be a JSON array of documents.", code="not_an_array")
    return b"".join(_line(number, each) for number, each in enumerate(documents))


def _line(number: int, document: Any) -> bytes:
    try:
        return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        raise InputError(
            "Lists and objects may be at most 250 deep, these are deeper.",
            pointer=f"/{number}",
            code="nested_too_deeply",
        ) from None
