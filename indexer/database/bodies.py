"""Documents as the catalogue keeps them: JSON text with a hash of what it says."""

import hashlib
from dataclasses import dataclass

import orjson

from indexer.errors import CorruptError
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
    """The document of a body's text. Raises: CorruptError where it is none."""
    try:
        return Document(doc_id, orjson.loads(text))
    except orjson.JSONDecodeError:
        raise damaged(doc_id) from None


def decode_checked(doc_id: str, body: Body) -> Document:
    """The document of a body. Raises: CorruptError where it does not say what its hash was made of."""
    found = decode(doc_id, body.text)
    if encode(found).content_hash != body.content_hash:
        raise damaged(doc_id)
    return found


def damaged(doc_id: str) -> CorruptError:
    """That a document is not as it was stored."""
    return CorruptError(
        f"The document `{doc_id[:200]}` is damaged in the catalogue: replace or delete it.",
        code="document_damaged",
    )
