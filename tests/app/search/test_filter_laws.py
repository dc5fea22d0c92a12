"""Laws of the filter language: what holds of every text and of every tree."""

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.search.filters import parse_filter, render
from indexer.errors import InputError
from indexer.filters import Node
from tests.app.search.filters import NAMES, VALUES, as_json, leaves, trees

FRAGMENTS = [
    *"a 猫 year 2020 1e999 NaN = != < <= > >= ( ) [ ] , \" ' “ ” 「 」 \\ ! * : 😀 ＝ （ ） ＂ ，".split(),
    *[
        " AND ",
        " or ",
        " NOT ",
        " IN [",
        " TO ",
        " EXISTS",
        " IS NULL",
        " CONTAINS ",
        " STARTS WITH ",
        "a = 1",
    ],
    *[" ", " ", "\u3000", "\n", "\x00"],
]
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(FRAGMENTS), max_size=16).map("".join))
KEYS = st.sampled_from(
    ["must", "should", "must_not", "key", "match", "range", "value", "any", "except", "gt", "lte", "is_null"]
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
)


@given(trees(leaves(NAMES, VALUES)))
def test_a_tree_written_as_text_or_as_json_is_read_as_itself(tree: Node) -> None:
    assert parse_filter(render(tree)) == tree
    assert parse_filter(as_json(tree)) == tree


def read(filter: Any) -> Node | InputError:
    """The tree of a filter, or why there is none."""
    try:
        return parse_filter(filter)
    except InputError as error:
        return error


@given(TEXTS)
def test_a_text_is_read_or_refused_at_a_position_in_it(text: str) -> None:
    tree = read(text)
    if isinstance(tree, InputError):
        [position] = re.findall(r"^Position (\d+) of the filter: ", tree.message)
        assert 0 <= int(position) <= len(text)
        assert (tree.code, tree.pointer) == ("filter_syntax", "/filter")
    else:
        assert parse_filter(render(tree)) == tree


@given(JSON)
def test_json_is_read_or_refused_with_a_pointer(filter: Any) -> None:
    tree = read(filter)
    if isinstance(tree, InputError):
        assert tree.code == "filter_syntax"
        assert tree.pointer.startswith("/filter")
    else:
        assert parse_filter(render(tree)) == tree
