"""What the handlers are given: the parts of the service, and a stricter reading of bodies."""

from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import unquote

import orjson
from fastapi import Depends, HTTPException, Path, Query, Request, Response
from fastapi.routing import APIRoute
from pydantic import BeforeValidator

from app.schemas import json_bytes
from app.scrubbing import Scrubber
from app.search.engines import Engines
from app.search.pages import Pages
from app.search.request import SearchRequest, check_bounds
from app.settings import Settings
from app.tasks import TaskRunner
from indexer.database import Catalogue, TaskRecord


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of the running service."""

    settings: Settings
    catalogue: Catalogue
    engines: Engines
    tasks: TaskRunner
    pages: Pages
    scrubber: Scrubber

    def written(self, index: str, seconds: float = 0) -> None:
        """Says that documents of an index were stored or deleted, after that was committed; waits until that
        is searched, at most so many seconds and those of the settings."""
        self.engines.written(index)
        if seconds:
            seq = self.catalogue.indexes.get(index).seq
            self.engines.wait(index, seq, min(seconds, self.settings.max_wait_seconds))

    def check(self, request: SearchRequest) -> None:
        """Raises: InputError where a search asks for more than the settings allow."""
        check_bounds(request, self.settings.max_hits, self.settings.max_query_bytes)

    def told(self, task: TaskRecord) -> TaskRecord:
        """A task with whether the documents that it wrote are searched, and by every encoder."""
        seq = (task.result or {}).get("seq")
        if seq is None or task.index is None:
            return task
        searched, encoded = self.engines.searched(task.index), self.engines.encoded(task.index)
        return replace(task, searched=searched >= seq, encoded=encoded >= seq)


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(_service)]
IndexName = Annotated[str, Path(description="Name of an index.", max_length=200)]
DocId = Annotated[
    str,
    Path(description="Key of a document; a `/` in it is written `%2F`.", max_length=2_000),
    BeforeValidator(unquote),  # of what main.EncodedSlashes left encoded
]
Wait = Annotated[
    float, Query(ge=0, description="Seconds to wait for the task's end; the service has a bound of its own.")
]


WaitUntilSearched = Annotated[
    float,
    Query(
        ge=0,
        description="Seconds to wait until every retriever finds it; the service has a bound of its own.",
    ),
]


class JsonResponse(Response):
    """An answer in JSON; the same value gives the same bytes."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """The bytes of the body."""
        return json_bytes(content)


def media_type(request: Request, known: Collection[str]) -> str:
    """The kind of the body, which is UTF-8. Raises: HTTPException 415 where it is none of the known ones."""
    kind, *parameters = [part.strip().lower() for part in request.headers.get("content-type", "").split(";")]
    for each in parameters:
        if each.startswith("charset=") and each.removeprefix("charset=").strip('"') not in ("utf-8", "utf8"):
            raise _unsupported(f"Content-Type says `{each[:100]}`: only UTF-8 is read.")
    if kind not in known:
        raise _unsupported(f"Content-Type `{kind[:100]}` is none of {', '.join(known)}.")
    return kind


def content_encoding(request: Request, known: Collection[str]) -> str:
    """How the body is packed; `identity`: not at all. Raises: HTTPException 415, as `media_type`."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in known:
        raise _unsupported(f"Content-Encoding `{encoding[:100]}` is none of {', '.join(known)}.")
    return encoding


def _unsupported(detail: str) -> HTTPException:
    return HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)


JSON_TYPES = {"PATCH": ["application/merge-patch+json"]}
"""Kinds of JSON that a method takes beside `application/json`."""


class StrictRequest(Request):
    """A request whose JSON is bounded and read by the letter: no NaN, no lone surrogates, UTF-8 only."""

    async def body(self) -> bytes:
        """All bytes of the body, JSON if any. Raises: HTTPException 413 as soon as they are too many, 415."""
        if not hasattr(self, "_body"):
            most = _service(self).settings.max_json_bytes
            chunks: list[bytes] = []
            size = 0
            async for chunk in self.stream():
                size += len(chunk)
                if size > most:
                    detail = f"A JSON body may have {most:,} bytes: send NDJSON, which is streamed."
                    raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
                chunks.append(chunk)
            if size:
                media_type(self, [*JSON_TYPES.get(self.method, ()), "application/json"])
                content_encoding(self, ["identity"])
            self._body = b"".join(chunks)
        return self._body

    async def json(self) -> Any:
        """The value of the body. Raises: json.JSONDecodeError."""
        return orjson.loads(await self.body())


class StrictRoute(APIRoute):
    """A route whose requests are read strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, given a StrictRequest."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return strict
