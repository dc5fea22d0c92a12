"""Requests with a key: the same request again gets the same answer, and has no second effect."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from indexer.database.records import utc_now
from indexer.database.schema import idempotency_keys
from indexer.errors import InputError

KEPT = timedelta(hours=24)
MOST_KEYS = 100_000
"""Answers that are kept; the oldest are forgotten first."""

Answer = Mapping[str, Any]

_COLUMNS = idempotency_keys.c
_KEPT = select(_COLUMNS.fingerprint, _COLUMNS.answer).where(
    _COLUMNS.key == bindparam("key"), _COLUMNS.created_at >= bindparam("since")
)


@dataclass(frozen=True, slots=True)
class RequestKey:
    """A request that may be sent again: the key that its client gave it, and a hash of what it asks for."""

    key: str
    fingerprint: str


def recall(connection: Connection, request: RequestKey | None) -> Answer | None:
    """The answer that the request got before; None where it is new, or has no key.

    Raises: InputError where its key was given to another request."""
    if request is None:
        return None
    asked = {"key": request.key, "since": utc_now(-KEPT)}
    row = connection.execute(_KEPT, asked).one_or_none()
    if row is None:
        return None
    if row.fingerprint != request.fingerprint:
        raise InputError(
            f"`Idempotency-Key: {request.key}` was sent with another request: take a new key.",
            code="idempotency_key_reused",
        )
    answer: Answer = row.answer
    return answer


def remember(connection: Connection, request: RequestKey | None, answer: Answer) -> None:
    """Keeps the answer of a request that has a key; forgets what is too old, or too much."""
    if request is None:
        return
    connection.execute(delete(idempotency_keys).where(_COLUMNS.created_at < utc_now(-KEPT)))
    row = {
        "key": request.key,
        "fingerprint": request.fingerprint,
        "answer": answer,
        "created_at": utc_now(),
    }
    number = connection.scalar(insert(idempotency_keys).values(row).returning(_COLUMNS.number)) or 0
    connection.execute(delete(idempotency_keys).where(_COLUMNS.number <= number - MOST_KEYS))
