"""Types of fields: inferred where nobody has set them, and checked in every document."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

import orjson

from indexer.documents.faults import Fault
from indexer.documents.parsing import Draft, describe
from indexer.metadata import instant
from indexer.types import FieldSettings, FieldType, FieldValue

TEXT_NAMES = frozenset(
    "title text body content abstract summary description heading headline question answer".split()
)
KEYWORD_LENGTH = 64
"""A string that is longer is text."""

Kind = Literal["string", "number", "boolean", "object"]
EXPECTED: dict[FieldType, Kind] = {
    "text": "string",
    "keyword": "string",
    "number": "number",
    "boolean": "boolean",
    "date": "string",
    "object": "object",
}
BOOLEANS = {"true": True, "false": False}


def infer_fields(drafts: Iterable[Draft], known: Mapping[str, FieldSettings]) -> dict[str, FieldSettings]:
    """The fields of some documents that are not known yet, in the order they are met."""
    values: dict[str, list[FieldValue]] = {}
    metadata: set[str] = set()
    typed: set[str] = set()
    for draft in drafts:
        metadata |= draft.metadata
        for name, value in draft.fields.items():
            if name not in known:
                values.setdefault(name, []).append(value)
                if not draft.untyped:
                    typed.add(name)
    return {
        name: FieldSettings(type=_infer(name, each, may_be_text=name not in metadata, typed=name in typed))
        for name, each in values.items()
    }


def fit_fields(draft: Draft, fields: Mapping[str, FieldSettings]) -> dict[str, FieldValue]:
    """A document's fields as their types want them. Raises: Fault where a value does not fit, or where there
    is no text to search."""
    fitted = {name: _fit(name, value, fields[name].type, draft) for name, value in draft.fields.items()}
    texts = [name for name, each in fields.items() if each.type == "text"]
    if not any(_has_text(fitted.get(name)) for name in texts):
        where = (
            f"in {', '.join(f'`{name}`' for name in texts)}" if texts else "but no field is of type `text`"
        )
        raise Fault("empty_document", f"some text was expected {where}", draft.doc_id)
    return fitted


def _infer(name: str, values: list[FieldValue], *, may_be_text: bool, typed: bool) -> FieldType:
    if not typed and name not in TEXT_NAMES and all(_number(each) is not None for each in values):
        return "number"
    kinds = Counter(kind for each in values if (kind := _kind(each)) is not None)
    if not kinds:
        return "keyword"  # nothing but empty lists
    kind = kinds.most_common(1)[0][0]
    if kind != "string":
        return kind
    is_text = may_be_text and (name in TEXT_NAMES or any(_is_long(each) for each in values))
    return "text" if is_text else "keyword"


def _kind(value: FieldValue) -> Kind | None:
    """What a value, or every item of a list, is; None for an empty list, which may become anything."""
    if isinstance(value, str):
        return "string"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, dict):
        return "object"
    kinds = {"object" if isinstance(each, list) or each is None else _kind(each) for each in value}
    return (kinds.pop() if len(kinds) == 1 else "object") if kinds else None


def _is_long(value: FieldValue) -> bool:
    items = value if isinstance(value, list) else [value]
    return any(isinstance(each, str) and len(each) > KEYWORD_LENGTH for each in items)


def _fit(name: str, value: FieldValue, type: FieldType, draft: Draft) -> FieldValue:
    if draft.untyped and isinstance(value, str):
        value = _convert(value, type)
    if type != "object" and _kind(value) not in (EXPECTED[type], None):
        detail = (
            f"field `{name}` is of type `{type}`: a {EXPECTED[type]} was expected, found {describe(value)}"
        )
        raise Fault("wrong_type", detail, draft.doc_id)
    if type == "date":
        for each in value if isinstance(value, list) else [value]:
            _check_date(name, str(each), draft)
    return value


def _check_date(name: str, text: str, draft: Draft) -> None:
    try:
        instant(text)
    except ValueError:
        detail = (
            f"field `{name}` is of type `date`: an ISO 8601 date such as `2024-01-31` or "
            f"`2024-01-31T10:00:00Z` was expected, found {describe(text)}"
        )
        raise Fault("wrong_type", detail, draft.doc_id) from None


def _convert(cell: str, type: FieldType) -> FieldValue:
    if type == "number" and (number := _number(cell)) is not None:
        return number
    return BOOLEANS.get(cell.lower(), cell) if type == "boolean" else cell


def _number(cell: FieldValue) -> int | float | None:
    # As in JSON, so that `007` stays what it is.
    try:
        value = orjson.loads(cell) if isinstance(cell, str) else None
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _has_text(value: FieldValue | None) -> bool:
    items = value if isinstance(value, list) else [value]
    return any(isinstance(each, str) and not each.isspace() and each != "" for each in items)
