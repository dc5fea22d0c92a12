"""Documents as the catalogue keeps them: JSON text with a hash of what it says."""

import hashlib
from dataclasses import dataclass

import orjson

from indexer.errors import CorruptError
from indexer.types import Document


@dataclass(frozen=True, slots=True)
class Body:
    """A document's fields as JSON in their own order, and a hash of these and its key, in whatever order."""

    text: str
    content_hash: str


def encode(document: Document) -> Body:
    """The body of a document. Raises: orjson.JSONEncodeError where it is nested too deeply."""
    ordered = orjson.dumps([document.doc_id, document.fields], option=orjson.OPT_SORT_KEYS)
    return Body(orjson.dumps(document.fields).decode(), hashlib.sha256(ordered).hexdigest())


def decode(doc_id: str, body: Body) -> Document:
    """The document of a body. Raises: CorruptError where it does not say what its hash was made of."""
    try:
        found = Document(doc_id, orjson.loads(body.text))
    except orjson.JSONDecodeError:
        raise _damaged(doc_id) from None
    if encode(found).content_hash != body.content_hash:
        raise _damaged(doc_id)
    return found


def _damaged(doc_id: str) -> CorruptError:
    return CorruptError(
        f"The document `{doc_id[:200]}` is damaged in the catalogue: replace or delete it.",
        code="document_damaged",
    )
