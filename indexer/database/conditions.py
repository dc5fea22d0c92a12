"""What a writer says of the document that it means to change: which version it has seen."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from indexer.errors import PreconditionError

ETags = Collection[str] | Literal["*"]
"""Entity tags with their quotes, or `*` for any version."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold of a document for a write to happen: `If-Match` and `If-None-Match` of RFC 9110."""

    match: ETags | None = None
    none_match: ETags | None = None

    def check(self, doc_id: str, etag: str | None) -> None:
        """Raises PreconditionError where it does not hold; `etag` is None where there is no document."""
        if self.match is not None and not matches(self.match, etag):
            raise PreconditionError(_differs(doc_id, etag))
        if self.none_match is not None and matches(self.none_match, etag):
            raise PreconditionError(f"Document `{doc_id[:100]}` is there already, its ETag is {etag}.")


ALWAYS = Condition()
"""Holds of every document."""


def matches(tags: ETags, etag: str | None) -> bool:
    """Whether the tags name this version; none of them names a document that is not there."""
    return etag is not None and (tags == "*" or etag in tags)


def _differs(doc_id: str, etag: str | None) -> str:
    if etag is None:
        return f"There is no document `{doc_id[:100]}` that `If-Match` could name."
    return f"Document `{doc_id[:100]}` has changed, its ETag is {etag} now: read it again."
