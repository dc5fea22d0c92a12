"""Laws of the query language: what holds of every text and of every tree."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.query import Parsed, parse, render
from indexer.errors import InputError
from indexer.query import Boost, Fuzzy, Group, InField, Node, Phrase, Prefix, Words

FIELDS = ("title", "text", "标题")
WIDE = str.maketrans('"()^*~:+-', "＂（）＾＊～：＋－")
NARROW = str.maketrans("＂（）＾＊～：＋－", '"()^*~:+-')

FRAGMENTS = [
    *'a bc 机器 学 GPT-4 C++ 10:30 titel: title: 标题: 1 ２ é AND ~2 ^2 "a'.split(),
    *'" “ ” 「 」 『 』 ＂ ( ) + - * ~ ^ : \\ （ ） ＋ － ＊ ～ ＾ ：'.split(),
    *[" ", " ", " ", "\u3000", " AND ", " OR ", " NOT ", '"a b"'],
]
SOUP = st.lists(st.sampled_from(FRAGMENTS), max_size=16).map("".join)
QUERIES = st.one_of(st.text(), SOUP)
LEAVES = st.one_of(
    st.text(min_size=1).filter(lambda text: text.strip() == text).map(Words),
    st.sampled_from(["a b", "a AND b", "-a +b", "AND", "title:a", "机器", "C:\\", "x*"]).map(Words),
    st.builds(Phrase, st.text(min_size=1).filter(str.strip), st.integers(0, 100)),
    st.sampled_from(["ab", "机", "-ab", "title:a1", "AND", "😀a", "a*b"]).map(Prefix),
    st.builds(Fuzzy, st.sampled_from(["a", "机", "+b", "NOT", "x.y"]), st.integers(1, 2)),
)


@st.composite
def trees(draw: st.DrawFn, depth: int = 4) -> Node:
    """A tree as a query may have it, so many nodes deep at most."""
    if not depth:
        return draw(LEAVES)
    node = trees(depth - 1)
    several = st.lists(node, max_size=2).map(tuple)
    groups = st.builds(Group, several, several, several).filter(
        lambda group: len(group.should) > 1 or group.must or group.must_not
    )
    in_fields = st.builds(InField, st.sampled_from(FIELDS), node)
    boosts = st.builds(Boost, node, st.floats(0, 1_000, exclude_min=True))
    return draw(st.one_of(LEAVES, in_fields, boosts, groups))


@given(QUERIES)
def test_no_text_is_refused(text: str) -> None:
    parsed = parse(text, FIELDS)
    for warning in parsed.warnings:
        [position] = re.findall(r"^Position (\d+) of the query: ", warning)
        assert 0 <= int(position) <= len(text)


@given(QUERIES)
def test_strict_refuses_exactly_what_has_a_warning(text: str) -> None:
    lenient = parse(text, FIELDS)
    if lenient.warnings:
        with pytest.raises(InputError) as caught:
            parse(text, FIELDS, strict=True)
        assert caught.value.pointer == "/q"
        assert caught.value.message in lenient.warnings[0]
    else:
        assert parse(text, FIELDS, strict=True) == lenient


@given(SOUP)
def test_full_width_operators_are_the_ascii_ones(text: str) -> None:
    narrow, wide = (render(parse(each, FIELDS).tree) for each in (text, text.translate(WIDE)))
    assert wide.translate(NARROW) == narrow.translate(NARROW)


@given(
    st.text(alphabet=st.characters(categories=("L", "Nd")) | st.sampled_from(" ,'.?!机器学习，。\t\u3000-"))
)
def test_words_without_operators_are_left_as_they_are(text: str) -> None:
    plain = re.sub(r"(?<!\w)-|\b(AND|OR|NOT)\b", "", text)
    assert parse(plain, FIELDS, strict=True) == Parsed(Words(plain))


@given(QUERIES)
def test_a_tree_written_out_parses_to_itself(text: str) -> None:
    parsed = parse(text, FIELDS)
    assert parse(render(parsed.tree), FIELDS) == Parsed(parsed.tree)


@given(trees())
def test_every_tree_can_be_written(node: Node) -> None:
    assert parse(render(node), FIELDS) == Parsed(node)


@given(st.text())
def test_every_text_can_be_written_as_plain_words(text: str) -> None:
    assert parse(render(Words(text)), FIELDS) == Parsed(Words(text))
