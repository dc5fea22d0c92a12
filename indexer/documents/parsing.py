"""One raw record to a document that is not yet checked against the fields of its index."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from indexer.documents.faults import Fault
from indexer.documents.lines import decode_utf8
from indexer.types import FieldValue

ID_NAMES = ("id", "_id")
ID_LENGTH = 512
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
SURROGATE = re.compile(r"[\ud800-\udfff]")
HEADING = re.compile(r"^#[ \t]+(.+?)[ \t#]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Draft:
    """A document as it was read.

    `metadata` names the fields that came from a `metadata` object. `untyped`: every value is a string
    because the format knows no other."""

    doc_id: str
    fields: Mapping[str, FieldValue]
    metadata: frozenset[str] = frozenset()
    untyped: bool = False


def parse_json(raw: bytes) -> Draft:
    """The document of a line of JSON. Raises: Fault."""
    try:
        record = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        decode_utf8(raw)  # where the line is not even text, that is the fault to name
        code = "lone_surrogate" if "surrogate" in error.msg else "invalid_json"
        detail = f"a JSON object was expected; column {error.colno}: {error.msg}"
        raise Fault(code, detail) from None
    if not isinstance(record, dict):
        raise Fault("not_an_object", f"a JSON object was expected, found {describe(record)}")
    return _draft(record)


def parse_object(record: Mapping[str, Any], doc_id: str) -> Draft:
    """The document of an object whose key stands elsewhere; it may repeat it. Raises: Fault."""
    if all(record.get(name) is None for name in ID_NAMES):
        record = {"id": doc_id, **{name: each for name, each in record.items() if name not in ID_NAMES}}
    draft = _draft(dict(record))
    if draft.doc_id != doc_id:
        detail = f"the `id` `{doc_id[:100]}` of its address was expected in it, found `{draft.doc_id[:100]}`"
        raise Fault("other_id", detail)
    return draft


def parse_row(header: list[str], cells: list[str]) -> Draft:
    """The document of a row of a table; empty cells are no values. Raises: Fault."""
    if len(cells) != len(header):
        detail = f"{len(header)} cells were expected as in the header, found {len(cells)}"
        raise Fault("wrong_cell_count", detail)
    record = dict(zip(header, cells, strict=True))
    doc_id = _doc_id(record)
    return Draft(doc_id, {k: v for k, v in record.items() if v and k not in ID_NAMES}, untyped=True)


def parse_text(doc_id: str, raw: bytes, *, markdown: bool) -> Draft:
    """A whole text as one document; its title is its name, or the first heading where it is Markdown."""
    text = decode_utf8(raw)
    heading = HEADING.search(text) if markdown else None
    title = heading[1] if heading else doc_id.rsplit("/", 1)[-1]
    return Draft(_checked(doc_id), {"title": title, "text": text})


def describe(value: object) -> str:
    """A value in a few words, for a message."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = orjson.dumps(value).decode()
    return text if len(text) <= 60 else f"{text[:60]}…"


def _draft(record: dict[str, Any]) -> Draft:
    doc_id = _doc_id(record)
    metadata = record.get("metadata")
    if not isinstance(metadata, dict):
        return Draft(doc_id, _fields(record))
    del record["metadata"]
    for name in metadata:
        if name in record or name in ID_NAMES:
            detail = f"each field once was expected, `{name}` is in `metadata` and beside it"
            raise Fault("duplicate_field", detail, doc_id)
    return Draft(doc_id, _fields({**record, **metadata}), frozenset(metadata))


def _fields(record: dict[str, Any]) -> dict[str, FieldValue]:
    return {name: value for name, value in record.items() if value is not None and name not in ID_NAMES}


def _doc_id(record: Mapping[str, object]) -> str:
    given = [record[name] for name in ID_NAMES if record.get(name) is not None]
    if not given:
        raise Fault("missing_id", "an `id` was expected, there is none")
    if len(given) > 1:
        raise Fault("two_ids", "one `id` was expected, there are `id` and `_id`")
    value = given[0]
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Fault(
            "invalid_id", f"an `id` that is a string or an integer was expected, found {describe(value)}"
        )
    return _checked(str(value))


def _checked(doc_id: str) -> str:
    if not doc_id:
        raise Fault("empty_id", "an `id` was expected, it is empty")
    if len(doc_id) > ID_LENGTH:
        detail = f"an `id` of at most {ID_LENGTH} characters was expected, this one has {len(doc_id):,}"
        raise Fault("id_too_long", detail)
    if found := SURROGATE.search(doc_id):
        detail = f"an `id` that is Unicode text was expected, found U+{ord(found[0]):04X}"
        raise Fault("lone_surrogate", detail)
    if found := CONTROL.search(doc_id):
        detail = f"an `id` without control characters was expected, found U+{ord(found[0]):04X}"
        raise Fault("control_character_in_id", detail)
    return doc_id
