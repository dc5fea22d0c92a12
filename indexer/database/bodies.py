"""Documents as the catalogue keeps them: JSON text with a hash of what it says."""

import hashlib
from dataclasses import dataclass

import orjson

from indexer.types import Document


@dataclass(frozen=True, slots=True)
class Body:
    """A document's fields as JSON in their own order, and a hash that does not depend on the order."""

    text: str
    content_hash: str


def encode(document: Document) -> Body:
    """The body of a document. Raises: orjson.JSONEncodeError where it is nested too deeply."""
    ordered = orjson.dumps(document.fields, option=orjson.OPT_SORT_KEYS)
    return Body(orjson.dumps(document.fields).decode(), hashlib.sha256(ordered).hexdigest())


def decode(doc_id: str, text: str) -> Document:
    """The document of a body's text."""
    return Document(doc_id, orjson.loads(text))
