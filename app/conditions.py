"""Headers of a write: which version it is meant for, and the key under which it may be sent again."""

import hashlib
import re
from typing import Annotated

from fastapi import Depends, Header, Request

from indexer.database import Condition, ETags, RequestKey
from indexer.errors import InputError

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_TAGS = re.compile(rf"\s*{_TAG.pattern}(?:\s*,\s*{_TAG.pattern})*\s*")

IfMatch = Annotated[
    str | None, Header(description="ETags of the document, or `*`: only where it is one of these versions.")
]
IfNoneMatch = Annotated[
    str | None, Header(description="ETags of the document, or `*`: only where it is none of these versions.")
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="A word of the client's own for this request: sent again with the same key within 24 "
        "hours, it gets the same answer and has no second effect.",
    ),
]


def etags(name: str, header: str | None) -> ETags | None:
    """The entity tags of a header, with their quotes; None without it. Raises: InputError."""
    if header is None or header.strip() == "*":
        return header and "*"
    if not _TAGS.fullmatch(header):
        raise InputError(
            f'`{name}` takes `*` or ETags in quotes, as `"7-0123456789abcdef"`; found `{header[:100]}`.',
            code="invalid_etag",
        )
    return _TAG.findall(header)


def request_key(request: Request, key: str | None, body: bytes) -> RequestKey | None:
    """The key of a request, with a hash of all that it asks for. `body`: of its body, a hash."""
    if key is None:
        return None
    names = ("content-type", "content-encoding", "if-match", "if-none-match")
    parts = [request.method, str(request.url.path), request.url.query]
    parts += [request.headers.get(name, "") for name in names]
    asked = hashlib.sha256(body)
    for each in parts:
        asked.update(each.encode("utf-8", "surrogatepass") + b"\0")
    return RequestKey(key, asked.hexdigest())


def _condition(if_match: IfMatch = None, if_none_match: IfNoneMatch = None) -> Condition:
    return Condition(etags("If-Match", if_match), etags("If-None-Match", if_none_match))


async def _key(request: Request, idempotency_key: IdempotencyKey = None) -> RequestKey | None:
    return request_key(request, idempotency_key, hashlib.sha256(await request.body()).digest())


ConditionDep = Annotated[Condition, Depends(_condition)]
RequestKeyDep = Annotated[RequestKey | None, Depends(_key)]
"""Of a request whose whole body is read."""
