"""What the handlers are given: the parts of the service, and a stricter reading of bodies."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

import orjson
from fastapi import Depends, HTTPException, Path, Query, Request, Response
from fastapi.routing import APIRoute

from app.schemas import json_bytes
from app.search.engines import Engines
from app.settings import Settings
from app.tasks import TaskRunner
from indexer.database import Catalogue


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of the running service."""

    settings: Settings
    catalogue: Catalogue
    engines: Engines
    tasks: TaskRunner


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(_service)]
IndexName = Annotated[str, Path(description="Name of an index.", max_length=200)]
DocId = Annotated[str, Path(description="Key of a document.", max_length=2_000)]
Wait = Annotated[
    float, Query(ge=0, description="Seconds to wait for the task's end; the service has a bound of its own.")
]


class JsonResponse(Response):
    """An answer in JSON; the same value gives the same bytes."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """The bytes of the body."""
        return json_bytes(content)


class StrictRequest(Request):
    """A request whose JSON is bounded and read by the letter: no NaN, no lone surrogates, UTF-8 only."""

    async def body(self) -> bytes:
        """All bytes of the body. Raises: HTTPException 413 as soon as they are too many."""
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
