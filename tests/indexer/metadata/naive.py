"""What filters, facets and orders come to, found out one document and one value at a time."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from indexer.filters import (
    And,
    Bound,
    Contains,
    Exists,
    IsEmpty,
    Leaf,
    Node,
    Not,
    OneOf,
    Or,
    Range,
    StartsWith,
)

KINDS = ["boolean", "number", "date", "keyword"]
Fields = Mapping[str, Any]
Types = Mapping[str, str]
Item = tuple[str, Any]  # kind and value


def standing(fields: Fields, path: str) -> list[Any]:
    """All that stands at a path, lists flattened; an empty list is itself."""
    return _at(fields, path.split("."))


def _at(value: Any, names: Sequence[str]) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, list):
        inner = [found for each in value for found in _at(each, names)]
        return inner or ([] if names else [[]])
    if not names:
        return [value]
    return _at(value.get(names[0]), names[1:]) if isinstance(value, dict) else []


def items(fields: Fields, path: str, types: Types) -> list[Item]:
    """The distinct values at a path with their kinds, ascending as facets and orders have them."""
    type = types[path.split(".")[0]]
    found = {item for each in standing(fields, path) if (item := _item(each, type)) is not None}
    return sorted(found, key=position)


def _item(value: Any, type: str) -> Item | None:
    if isinstance(value, bool):
        kind, kept = "boolean", cast(Any, value)
    elif isinstance(value, int | float):
        kind, kept = "number", float(value)
    elif isinstance(value, str):
        kind, kept = ("date", moment(value)) if type == "date" else ("keyword", value)
    else:
        return None
    return (kind, kept) if type in (kind, "object") else None


def as_json(item: Item) -> Any:
    """A value as an answer has it."""
    kind, value = item
    match kind:
        case "number":
            return int(value) if abs(value) <= 2**53 and value == int(value) else value
        case "date":
            return value.isoformat().replace("+00:00", "Z")
    return value


def position(item: Item) -> tuple[int, Any]:
    """By what values are ordered."""
    return KINDS.index(item[0]), _sortable(item[1])


def _sortable(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


def moment(text: str) -> datetime:
    """An instant in UTC."""
    given = datetime.fromisoformat(text)
    return given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)


def read(text: str, kind: str) -> tuple[Any, Any] | None:
    """The least and the greatest value that a text stands for; None where it is none of this kind."""
    try:
        match kind:
            case "boolean":
                value: Any = {"true": True, "false": False}[text.lower()]
            case "number":
                value = float(text)
            case "date":
                value = moment(text)
                if len(text) == 10:
                    return value, value + timedelta(days=1, microseconds=-1)
            case _:
                value = text.encode()
    except (KeyError, ValueError):
        return None
    return value, value


def fits(leaf: Leaf, kinds: Sequence[str]) -> bool:
    """Whether each value of a leaf is of one of the kinds that its path holds anywhere."""
    match leaf:
        case OneOf(_, values):
            return all(any(read(text, kind) for kind in kinds) for text in values)
        case Range(_, lower, upper):
            texts = [bound.value for bound in (lower, upper) if bound]
            ordered = [kind for kind in kinds if kind != "boolean"]
            return bool(ordered) and all(any(read(text, kind) for kind in ordered) for text in texts)
        case Contains() | StartsWith():
            return "keyword" in kinds
    return True


def selects(node: Node, fields: Fields, types: Types) -> bool:
    """Whether a filter selects a document."""
    match node:
        case And(nodes):
            return all(selects(each, fields, types) for each in nodes)
        case Or(nodes):
            return any(selects(each, fields, types) for each in nodes)
        case Not(inner):
            return not selects(inner, fields, types)
        case Exists(path):
            return bool(standing(fields, path))
        case IsEmpty(path):
            there = standing(fields, path)
            return bool(there) and all(each in ("", [], {}) for each in there)
    held = items(fields, node.path, types)
    match node:
        case OneOf(_, values):
            return any(_within(item, Bound(text), Bound(text)) for item in held for text in values)
        case Range(_, lower, upper):
            return any(kind != "boolean" and _within((kind, value), lower, upper) for kind, value in held)
        case Contains(_, text):
            return any(kind == "keyword" and text in value for kind, value in held)
        case StartsWith(_, text):
            return any(kind == "keyword" and value.startswith(text) for kind, value in held)


def _within(item: Item, lower: Bound | None, upper: Bound | None) -> bool:
    kind, value = item[0], _sortable(item[1])
    for bound, below in ((lower, False), (upper, True)):
        if bound is None:
            continue
        ends = read(bound.value, kind)
        if ends is None:
            return False
        least, greatest = ends
        if below:
            inside = value <= greatest if bound.inclusive else value < least
        else:
            inside = value >= least if bound.inclusive else value > greatest
        if not inside:
            return False
    return True
