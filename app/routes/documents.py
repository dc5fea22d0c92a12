"""The documents of an index: sent in, listed, deleted; one of them is in `document.py`."""

import hashlib
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Literal

import numpy as np
import orjson
from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError

from app.conditions import IdempotencyKey, RequestKeyDep, request_key
from app.dependencies import (
    IndexName,
    JsonResponse,
    Service,
    ServiceDep,
    StrictRoute,
    WaitUntilSearched,
    content_encoding,
    media_type,
)
from app.schemas import DeleteRequest, DocumentBody, DocumentPage
from app.search.filters import parse_filter
from indexer.database import Receipt, RequestKey, TaskRecord
from indexer.documents import Format, Source, import_as_task
from indexer.errors import InputError, TooLargeError

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
    wait: WaitUntilSearched = 0,
    idempotency_key: IdempotencyKey = None,
) -> JsonResponse:
    """Stores documents by `id`, all of them or none; an index that is not there is made.

    The answer comes when they are stored for good. They are searched soon after."""
    async with _received(service, request, idempotency_key) as (source, key):
        task = await run_in_threadpool(
            import_as_task,
            service.catalogue,
            index,
            source,
            Receipt("import", key),
            skip_bad=on_error == "skip",
            max_document_bytes=service.settings.max_document_bytes,
            max_errors=service.settings.max_task_errors,
        )
    await run_in_threadpool(service.written, index, wait)
    return _accepted(service, task)


@router.post(
    "/delete",
    response_model=TaskRecord,
    status_code=HTTPStatus.ACCEPTED,
    summary="Delete documents by filter or by keys",
)
def post_delete(
    service: ServiceDep,
    index: IndexName,
    wanted: DeleteRequest,
    key: RequestKeyDep,
    wait: WaitUntilSearched = 0,
) -> JsonResponse:
    """All of them in one step, stored for good when the answer comes; its `result` has how many there were.
    What a filter selects is looked up first: a document that is written meanwhile is left as it is."""
    selected = _selected(service, index, wanted)
    task = service.catalogue.documents.delete_as_task(
        index, selected.doc_ids, Receipt("delete", key), selected.through
    )
    service.written(index, wait)
    return _accepted(service, task)


@router.get("", response_model=DocumentPage, summary="List documents")
def get_documents(
    service: ServiceDep,
    index: IndexName,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
    limit: Annotated[int, Query(ge=0, le=1_000)] = 20,
) -> JsonResponse:
    """Documents in the order of their keys."""
    page = service.catalogue.documents.list(index, offset, limit)
    bodies = [DocumentBody(each.doc_id, each.fields) for each in page.documents]
    total = service.catalogue.documents.count(index)
    return JsonResponse(DocumentPage(bodies, total, page.damaged))


@dataclass(frozen=True, slots=True)
class _Selected:
    """Documents, as they were up to the change `through`; None: whatever they are."""

    doc_ids: Sequence[str]
    through: int | None = None


def _selected(service: Service, index: str, wanted: DeleteRequest) -> _Selected:
    """The documents to delete. Raises: TooLargeError; InputError where the filter is none."""
    if wanted.filter is None:
        ids = wanted.ids or []
        if len(ids) > (most := service.settings.max_delete_ids):
            raise TooLargeError(f"A request may have {most:,} `ids`, this one has {len(ids):,}.")
        return _Selected(ids)
    node = parse_filter(wanted.filter, "/filter")
    generation = service.engines.update(index).generation
    ordinals = np.flatnonzero(generation.metadata.select(node))
    return _Selected(generation.lexical.doc_ids(ordinals.tolist()), generation.manifest.through_seq)


def _accepted(service: Service, task: TaskRecord) -> JsonResponse:
    return JsonResponse(service.told(task), HTTPStatus.ACCEPTED, {"Location": f"/v1/tasks/{task.id}"})


@asynccontextmanager
async def _received(
    service: Service, request: Request, idempotency_key: str | None
) -> AsyncIterator[tuple[Source, RequestKey | None]]:
    """The body as a source, put aside in a file: a client that goes away half-way has stored nothing.

    The file has no name, so that none is left whatever happens."""
    kind = media_type(request, ["application/json", *_STREAMED])
    encoding = content_encoding(request, ["identity", "gzip"] if kind in _STREAMED else ["identity"])
    digest = hashlib.sha256()
    with tempfile.TemporaryFile(dir=service.settings.data_dir) as file:
        if kind in _STREAMED:
            async for chunk in request.stream():
                await run_in_threadpool(file.write, chunk)
                if idempotency_key is not None:
                    digest.update(chunk)
        else:
            body = await request.body()
            digest.update(body)
            await run_in_threadpool(file.write, await run_in_threadpool(_lines, body))
        await run_in_threadpool(file.seek, 0)
        format = _STREAMED.get(kind, "jsonl")
        source = Source("body", format, lambda: file, gzipped=encoding == "gzip")
        yield source, request_key(request, idempotency_key, digest.digest())


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
