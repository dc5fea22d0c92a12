"""The application: its parts put together once, its routes, its errors, one log line a request."""

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any
from urllib.parse import quote, unquote
from uuid import uuid4

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import http_errors
from app.dependencies import Service
from app.routes import (
    answers,
    contexts,
    docs,
    document,
    documents,
    embeddings,
    explanations,
    features,
    generations,
    health,
    indexes,
    labels,
    models,
    profiles,
    rerank,
    search,
    snapshots,
    speaking,
    tasks,
    words,
)
from app.schemas import Problem
from app.scrubbing import Scrubber
from app.search.engines import Engines
from app.search.pages import Pages
from app.settings import Settings, open_catalogue
from app.tasks import TaskRunner
from indexer import __version__
from indexer.lexical import warm
from indexer.spelling import warm as warm_spelling

logger = logging.getLogger(__name__)

_GIVEN_ID = re.compile(rb"[\w.-]{1,64}")
_ENCODED = re.compile(r"%(?=25|2f)", re.IGNORECASE)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The service over the data folder of the settings; the folder is opened when it starts."""
    chosen = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        warm()
        warm_spelling()
        with open_catalogue(chosen, create=True) as catalogue:
            engines = Engines(catalogue, chosen.data_dir)
            runner = TaskRunner(
                catalogue, engines, chosen.data_dir, chosen.database_url, chosen.max_build_bytes
            )
            scrubber = Scrubber(catalogue, engines, chosen.data_dir, chosen.scrub_bytes_per_second)
            pages = Pages(chosen.max_cursor_bytes)
            app.state.service = Service(chosen, catalogue, engines, runner, pages, scrubber)
            engines.start(fold=runner.fold)
            runner.start()
            scrubber.start()
            try:
                yield
            finally:
                scrubber.stop()
                runner.stop()
                engines.stop()

    app = Api(
        title="TextPrism",
        version=__version__,
        summary="Search for Chinese and English: every classic representation, ranked, fused and explained.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses={
            422: _problem("The request is wrong."),
            404: _problem("There is no such thing."),
            "default": _problem("Any other error."),
        },
    )
    for each in (
        search,
        explanations,
        documents,
        document,
        features,
        words,
        contexts,
        embeddings,
        rerank,
        answers,
        speaking,
        labels,
        indexes,
        generations,
        models,
        snapshots,
        profiles,
        tasks,
        health,
        docs,
    ):
        app.include_router(each.router)
    docs.mount_assets(app)
    http_errors.install(app)
    app.add_middleware(EncodedSlashes)
    app.add_middleware(RequestLog)
    return app


def _problem(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "model": Problem,
        "content": {http_errors.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


class Api(FastAPI):
    """FastAPI, but its description says of errors what they are: problem documents."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        document = super().openapi()
        for operations in document["paths"].values():
            for operation in operations.values():
                for response in operation["responses"].values():
                    if http_errors.MEDIA_TYPE in response.get("content", {}):
                        response["content"].pop("application/json", None)
        return document


class EncodedSlashes:
    """Leaves `%2F` and `%25` in paths as they were sent: a `/` inside a key parts no path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on."""
        if scope["type"] == "http" and (raw := scope.get("raw_path")):
            scope["path"] = unquote(_ENCODED.sub("%25", raw.decode("ascii", "replace")))
        await self._app(scope, receive, send)


class RequestLog:
    """Gives each request an id (its own `X-Request-ID` where that is a plain word) and a line in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"")
        request_id = given.decode() if _GIVEN_ID.fullmatch(given) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        started = perf_counter()
        status = 500  # what an unexpected error becomes, further out

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            logger.info(
                "request_id=%s method=%s path=%s status=%d ms=%.1f",
                request_id,
                scope["method"],
                quote(scope["path"], safe="/%"),  # a line break in it begins no line of the log
                status,
                (perf_counter() - started) * 1_000,
            )
