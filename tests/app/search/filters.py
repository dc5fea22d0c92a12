"""Trees of filters, drawn at random, and what says the same as JSON."""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from app.search.filters import render
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

NAMES = ("lang", "author.name", "标签", "to", "AND", "a b", "2020", "")
VALUES = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["zh", "2020", "-1.5e3", "true", "2024-01-31", "or", "IN", "a b", "C:\\", 'a"b', "（", "＂"]
    ),
)


def leaves(names: Sequence[str], values: st.SearchStrategy[str]) -> st.SearchStrategy[Leaf]:
    """Every kind of condition over these names and values."""
    name, bound = st.sampled_from(names), st.builds(Bound, values, st.booleans())
    bounds = st.one_of(st.tuples(bound, bound), st.tuples(bound, st.none()), st.tuples(st.none(), bound))
    return st.one_of(
        st.builds(OneOf, name, st.lists(values, max_size=3).map(tuple)),
        st.builds(lambda path, ends: Range(path, *ends), name, bounds),
        st.builds(Contains, name, values),
        st.builds(StartsWith, name, values),
        st.builds(Exists, name),
        st.builds(IsEmpty, name),
    )


def trees(leaf: st.SearchStrategy[Any]) -> st.SearchStrategy[Node]:
    """Trees of them, as a filter may have them."""

    def above(nodes: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        several = st.lists(nodes, min_size=2, max_size=3).map(tuple)
        return st.one_of(st.builds(And, several), st.builds(Or, several), st.builds(Not, nodes))

    return st.recursive(leaf, above, max_leaves=8)


def as_json(node: Node) -> dict[str, Any] | str:
    """The JSON of a tree; a condition that JSON has no form for is a text."""
    match node:
        case And(nodes):
            return {"must": list(map(as_json, nodes))}
        case Or(nodes):
            return {"should": list(map(as_json, nodes))}
        case Not(inner):
            return {"must_not": [as_json(inner)]}
        case OneOf(path, (value,)):
            return {"key": path, "match": {"value": value}}
        case OneOf(path, values):
            return {"key": path, "match": {"any": list(values)}}
        case Range(path, lower, upper):
            lowest = {"gte" if lower.inclusive else "gt": lower.value} if lower else {}
            return {"key": path, "range": lowest | ({_upper(upper): upper.value} if upper else {})}
        case IsEmpty(path):
            return {"is_empty": {"key": path}}
    return render(node)


def _upper(bound: Bound) -> str:
    return "lte" if bound.inclusive else "lt"
