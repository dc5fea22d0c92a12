"""A filter as JSON: lists after Meilisearch, clauses and conditions after Qdrant.

filter     text | list | clause | condition
list       [ item or [ item, … ], … ]         the outer list is AND, an inner one OR; an item is no list
clause     {"must": [ filter, … ], "should": [ filter, … ], "must_not": [ filter, … ]}
condition  {"key": name, "match": {"value": v} | {"any": [ v, … ]} | {"except": [ v, … ]}}
           {"key": name, "range": {"gt" | "gte": v, "lt" | "lte": v}}
           {"is_null": {"key": name}} | {"is_empty": {"key": name}}

A value is a string, a number or a boolean; numbers and booleans become what JSON writes for them."""

from math import isfinite
from typing import Any

from app.search.filters.bounds import Bounds, check_depth, short, wrong
from app.search.filters.parser import Parser
from indexer.filters import And, Bound, Exists, IsEmpty, Node, Not, OneOf, Or, Place, Range

_CLAUSES = ("must", "should", "must_not")
_STATES = ("is_null", "is_empty")


def parse_filter(given: str | list[Any] | dict[str, Any], pointer: str = "/filter") -> Node:
    """The tree of a filter, given as text, as lists or as clauses; an empty one selects every document.

    Raises: InputError with the code `filter_syntax`, with the pointer, and the position in a text, where it
    is broken or beyond a bound."""
    if given == [] or given == {} or (isinstance(given, str) and not given.strip()):
        return And(())
    return _Reader().filter(given, pointer, 0)


class _Reader:
    """The reader of one filter; `depth` counts the clauses, lists and parentheses around a part."""

    def __init__(self) -> None:
        self._bounds = Bounds()

    def filter(self, given: object, pointer: str, depth: int) -> Node:
        """The tree of a part that stands at a pointer."""
        check_depth(depth, Place(pointer))
        match given:
            case str():
                self._bounds.count_text(given, Place(pointer))
                return Parser(given, self._bounds, pointer, depth).tree()
            case list() if given and depth == 0:
                return _joined(And, [self._item(*each) for each in _items(given, pointer)])
            case dict() if given.keys() & {*_CLAUSES}:
                return self._clause(given, pointer, depth + 1)
            case dict() if given.keys() & {"key", *_STATES}:
                return self._condition(given, pointer)
        known = _names(*_CLAUSES, "key", *_STATES)
        raise wrong(
            Place(pointer), f"expected a text, or an object with one of {known}, found {_named(given)}"
        )

    def _item(self, given: object, pointer: str) -> Node:
        """An entry of the outer list."""
        if not isinstance(given, list):
            return self.filter(given, pointer, 1)
        if not given:
            raise wrong(Place(pointer), "expected conditions in the list, found none")
        return _joined(Or, [self.filter(each, at, 2) for each, at in _items(given, pointer)])

    def _clause(self, given: dict[str, Any], pointer: str, depth: int) -> Node:
        _check_keys(given, _CLAUSES, pointer)
        nodes: dict[str, list[Node]] = {}
        for name, each in given.items():
            if not isinstance(each, list):
                raise wrong(
                    Place(f"{pointer}/{name}"), f"expected a list of conditions, found {_named(each)}"
                )
            nodes[name] = [self.filter(item, at, depth) for item, at in _items(each, f"{pointer}/{name}")]
        should = nodes.get("should")
        either = [_joined(Or, should)] if should else []
        found = [*nodes.get("must", ()), *either, *map(Not, nodes.get("must_not", ()))]
        if not found and depth > 1:
            raise wrong(Place(pointer), "expected conditions in the clause, found none")
        return _joined(And, found)

    def _condition(self, given: dict[str, Any], pointer: str) -> Node:
        self._bounds.count_condition(Place(pointer))
        for state in _STATES:
            if state in given:
                _check_keys(given, (state,), pointer)
                path = self._path(_object(given[state], ("key",), f"{pointer}/{state}"), f"{pointer}/{state}")
                place = Place(pointer)
                return Not(Exists(path, place=place)) if state == "is_null" else IsEmpty(path, place=place)
        _check_keys(given, ("key", "match", "range"), pointer)
        path = self._path(given, pointer)
        match given:
            case {"match": match, **others} if "range" not in others:
                return self._match(path, match, f"{pointer}/match")
            case {"range": range, **others} if "match" not in others:
                return self._range(path, range, f"{pointer}/range")
        raise wrong(Place(pointer), f"expected either `match` or `range` beside `key`, found {_named(given)}")

    def _match(self, path: str, given: object, pointer: str) -> Node:
        wanted = _object(given, ("value", "any", "except"), pointer)
        if len(wanted) != 1:
            raise wrong(Place(pointer), "expected one of `value`, `any`, `except`")
        [(name, held)] = wanted.items()
        pointer = f"{pointer}/{name}"
        place = Place(pointer)
        if name == "value":
            return OneOf(path, (self._value(held, pointer),), place=place)
        if not isinstance(held, list):
            raise wrong(place, f"expected a list of values, found {_named(held)}")
        one_of = OneOf(path, tuple(self._value(each, at) for each, at in _items(held, pointer)), place=place)
        return Not(one_of) if name == "except" else one_of

    def _range(self, path: str, given: object, pointer: str) -> Node:
        ends = _object(given, ("gt", "gte", "lt", "lte"), pointer)
        if not ends or {"gt", "gte"} <= ends.keys() or {"lt", "lte"} <= ends.keys():
            raise wrong(
                Place(pointer), "expected one of `gt` and `gte`, one of `lt` and `lte`, or one of each"
            )
        bounds = {
            name[:2]: Bound(self._value(each, f"{pointer}/{name}"), inclusive=name.endswith("e"))
            for name, each in ends.items()
        }
        return Range(path, bounds.get("gt"), bounds.get("lt"), place=Place(pointer))

    def _path(self, given: dict[str, Any], pointer: str) -> str:
        path = given.get("key")
        if not isinstance(path, str):
            raise wrong(Place(f"{pointer}/key"), f"expected the name of a field, found {_named(path)}")
        self._bounds.count_text(path, Place(f"{pointer}/key"))
        return path

    def _value(self, given: object, pointer: str) -> str:
        text = _value_text(given)
        if text is None:
            found = _named(given)
            raise wrong(Place(pointer), f"expected a string, a number or a boolean, found {found}")
        self._bounds.count_text(text, Place(pointer))
        return text


def _joined(kind: type[And] | type[Or], nodes: list[Node]) -> Node:
    """One node of several; of one it is that one."""
    return nodes[0] if len(nodes) == 1 else kind(tuple(nodes))


def _items(given: list[Any], pointer: str) -> list[tuple[Any, str]]:
    """The entries of a list, each with its pointer."""
    return [(each, f"{pointer}/{number}") for number, each in enumerate(given)]


def _object(given: object, known: tuple[str, ...], pointer: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise wrong(Place(pointer), f"expected an object with {_names(*known)}, found {_named(given)}")
    _check_keys(given, known, pointer)
    return given


def _check_keys(given: dict[str, Any], known: tuple[str, ...], pointer: str) -> None:
    """Raises InputError where there is another key than these."""
    for key in given:
        if key not in known:
            raise wrong(Place(pointer), f"expected {_names(*known)}, found `{short(str(key))}`")


def _value_text(given: object) -> str | None:
    """A value as JSON writes it, a string as it is; None where it is no value."""
    match given:
        case bool():
            return "true" if given else "false"
        case str():
            return given
        case int() if given.bit_length() <= 64:
            return str(given)
        case float() if isfinite(given):
            return repr(given)
    return None


def _names(*names: str) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _named(given: object) -> str:
    """What was found, in a few words."""
    match given:
        case dict():
            return (
                f"an object with {_names(*(short(str(key)) for key in list(given)[:3]))}" if given else "`{}`"
            )
        case list():
            return "a list" if given else "an empty list"
        case None:
            return "null"
    return f"`{_value_text(given)}`" if _value_text(given) is not None else "a number that cannot be written"
