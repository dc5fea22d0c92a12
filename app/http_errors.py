"""Every error as `application/problem+json` (RFC 9457): one table from classes to statuses."""

import errno
import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.search.request import pointer_to
from indexer import errors
from indexer.errors import BadLinesError, TextPrismError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

STATUSES: dict[type[TextPrismError], HTTPStatus] = {  # the nearest class of the tree counts
    errors.InputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.MissingError: HTTPStatus.NOT_FOUND,
    errors.ConflictError: HTTPStatus.CONFLICT,
    errors.GoneError: HTTPStatus.GONE,
    errors.PreconditionError: HTTPStatus.PRECONDITION_FAILED,
    errors.FeatureMissingError: HTTPStatus.CONFLICT,
    errors.CanceledError: HTTPStatus.CONFLICT,
    errors.WorkerError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.NotBuiltError: HTTPStatus.CONFLICT,
    errors.LockedError: HTTPStatus.CONFLICT,
    errors.IndexUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}

RETRY_SECONDS = "5"
"""After so long, what was busy may be free."""

CODES = {HTTPStatus.REQUEST_ENTITY_TOO_LARGE: errors.TooLargeError.code}  # elsewhere: the name of the status


def status_of(error: TextPrismError) -> HTTPStatus:
    """The status of the nearest class that has one."""
    return next(STATUSES[each] for each in type(error).__mro__ if each in STATUSES)


def problem(
    request: Request,
    status: HTTPStatus,
    code: str,
    detail: str,
    faults: Sequence[dict[str, Any]] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem document. `faults` are {pointer, code, detail}, one for each part that was wrong."""
    body = {
        "type": f"urn:textprism:error:{code}",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
        "errors": list(faults),
        "request_id": request.state.request_id,
    }
    return Response(_encoded(body), status, headers, MEDIA_TYPE)


def _encoded(body: dict[str, Any]) -> bytes:
    """JSON, also where a message quotes what is no Unicode text."""
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError:
        quoted = body["detail"].encode("utf-8", "backslashreplace").decode()
        return orjson.dumps({**body, "detail": quoted, "errors": []})


def install(app: FastAPI) -> None:
    """Makes every error of the application a problem document."""
    app.add_exception_handler(TextPrismError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(OSError, _failed)
    app.add_exception_handler(Exception, _unexpected)


def _known(request: Request, error: Exception) -> Response:
    assert isinstance(error, TextPrismError)
    faults: list[dict[str, Any]] = []
    if isinstance(error, BadLinesError):
        # Lines are counted from 1, the items of an array from 0.
        less = 1 if request.headers.get("content-type", "").startswith("application/json") else 0
        faults = [
            {"pointer": f"/{bad.line - less}", "code": bad.code, "detail": str(bad), "id": bad.doc_id}
            for bad in error.lines
        ]
    elif error.pointer:
        faults = [{"pointer": error.pointer, "code": error.code, "detail": error.message}]
    later = {"Retry-After": RETRY_SECONDS} if isinstance(error, errors.BusyError) else None
    return problem(request, status_of(error), error.code, error.message, faults, later)


def _invalid(request: Request, error: Exception) -> Response:
    """FastAPI's own validation: where in the request, and what was expected."""
    assert isinstance(error, RequestValidationError)
    faults = [_fault(each, error.body) for each in error.errors()]
    detail = "; ".join(f"{each['pointer'] or '/'}: {each['detail']}" for each in faults[:3])
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request", detail, faults)


def _fault(each: dict[str, Any], body: Any) -> dict[str, Any]:
    if each["type"] == "json_invalid":
        detail = f"This is no JSON: {each['ctx']['error']} at character {each['loc'][-1]}."
        return {"pointer": "", "code": "json_invalid", "detail": detail}
    place, *path = each["loc"]
    pointer = pointer_to(each["type"], path, body) if place == "body" else f"?{path[0]}"
    return {"pointer": pointer, "code": each["type"], "detail": each["msg"]}


def _http(request: Request, error: Exception) -> Response:
    """What is refused before a handler has it: unknown routes, methods, kinds of bodies."""
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    detail = error.detail
    if status == HTTPStatus.NOT_FOUND:
        detail = f"There is nothing at {request.url.path[:200]}; see /docs."
    elif status == HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{request.method[:20]} is not allowed at {request.url.path[:200]}; see /docs."
    code = CODES.get(status, status.name.lower())
    return problem(request, status, code, detail, headers=dict(error.headers or {}))


def _gone(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """The client went away half-way: nobody reads this."""
    detail = "The connection ended before the body did; nothing was stored."
    return problem(request, HTTPStatus.BAD_REQUEST, "incomplete_body", detail)


def _failed(request: Request, error: Exception) -> Response:
    """A full disk is told; any other failure of the system is as unexpected as a fault of ours."""
    assert isinstance(error, OSError)
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return _unexpected(request, error)
    logger.error("request_id=%s the disk is full: %s", request.state.request_id, error)
    detail = "The disk is full; nothing was stored. Free some space, then try again."
    return problem(request, HTTPStatus.INSUFFICIENT_STORAGE, "insufficient_storage", detail)


def _unexpected(request: Request, error: Exception) -> Response:
    """A fault of ours: logged whole, told without its inside."""
    logger.error("request_id=%s unexpected error", request.state.request_id, exc_info=error)
    detail = "An unexpected error; the log of the service has it under this request_id."
    told = {"x-request-id": request.state.request_id}  # what else gives it to answers was left by the error
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", detail, headers=told)
