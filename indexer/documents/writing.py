"""One document at a time: put, patched, deleted; checked as an import checks its lines."""

from collections.abc import Mapping
from typing import Any

import orjson

from indexer.database.bodies import encode
from indexer.database.catalogue import Catalogue
from indexer.database.conditions import ALWAYS, Condition
from indexer.database.idempotency import RequestKey
from indexer.database.records import StoredDocument, WriteRecord
from indexer.database.writing import NewBody, Write
from indexer.documents.faults import Fault
from indexer.documents.fields import fit_fields, infer_fields
from indexer.documents.importing import DOCUMENT_BYTES
from indexer.documents.parsing import Draft, parse_object
from indexer.documents.patching import merge_patch
from indexer.errors import InputError, MissingError, TooLargeError
from indexer.types import Document, FieldSettings


def put_document(
    catalogue: Catalogue,
    index: str,
    doc_id: str,
    value: Mapping[str, Any],
    *,
    condition: Condition = ALWAYS,
    request: RequestKey | None = None,
    max_bytes: int = DOCUMENT_BYTES,
) -> WriteRecord:
    """Creates or replaces a document; an index that is not there is made.

    Raises: InputError where it is no document that the index can take, and as `Writes.apply`."""
    draft = _draft(value, doc_id)

    def put(_: StoredDocument | None, fields: Mapping[str, FieldSettings]) -> NewBody:
        return _new_body(draft, fields, max_bytes)

    return catalogue.writes.apply(Write(index, doc_id, put, condition, request, creates_index=True))


def patch_document(
    catalogue: Catalogue,
    index: str,
    doc_id: str,
    patch: Mapping[str, Any],
    *,
    condition: Condition = ALWAYS,
    request: RequestKey | None = None,
    max_bytes: int = DOCUMENT_BYTES,
) -> WriteRecord:
    """Changes what a merge patch (RFC 7396) names of a document.

    Raises: MissingError where it is not there; InputError where what becomes of it is no document that the
    index can take; and as `Writes.apply`."""
    _check_depth(patch, doc_id)

    def patched(stored: StoredDocument | None, fields: Mapping[str, FieldSettings]) -> NewBody:
        document = _there(stored, doc_id).document
        return _new_body(_draft(merge_patch(document.fields, patch), doc_id), fields, max_bytes)

    return catalogue.writes.apply(Write(index, doc_id, patched, condition, request))


def delete_document(
    catalogue: Catalogue,
    index: str,
    doc_id: str,
    *,
    condition: Condition = ALWAYS,
    request: RequestKey | None = None,
) -> WriteRecord:
    """Deletes a document. Raises: MissingError where it is not there, and as `Writes.apply`."""

    def deleted(stored: StoredDocument | None, _: Mapping[str, FieldSettings]) -> None:
        _there(stored, doc_id)

    return catalogue.writes.apply(Write(index, doc_id, deleted, condition, request))


def _there(stored: StoredDocument | None, doc_id: str) -> StoredDocument:
    if stored is None:
        raise MissingError("document", doc_id)
    return stored


def _draft(value: Mapping[str, Any], doc_id: str) -> Draft:
    try:
        return parse_object(value, doc_id)
    except Fault as fault:
        raise _refused(fault, doc_id) from None


def _new_body(draft: Draft, known: Mapping[str, FieldSettings], max_bytes: int) -> NewBody:
    new = infer_fields([draft], known)
    try:
        document = Document(draft.doc_id, fit_fields(draft, {**known, **new}))
    except Fault as fault:
        raise _refused(fault, draft.doc_id) from None
    _check_depth(document.fields, draft.doc_id)
    body = encode(document)
    if (size := len(body.text.encode())) > max_bytes:
        raise TooLargeError(
            f"A document may have {max_bytes:,} bytes, `{draft.doc_id[:100]}` would have {size:,}."
        )
    return NewBody(body, new)


def _check_depth(value: Mapping[str, Any], doc_id: str) -> None:
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        detail = "lists and objects at most 250 deep were expected, these are deeper"
        raise _refused(Fault("nested_too_deeply", detail), doc_id) from None


def _refused(fault: Fault, doc_id: str) -> InputError:
    return InputError(f"Document `{doc_id[:100]}` cannot be stored: {fault.detail}.", code=fault.code)
