"""What filters parse to, and what is said of those that do not."""

from typing import Any

import pytest

from app.search.filters import parse_filter, render
from app.search.filters.bounds import MOST_BYTES, MOST_CONDITIONS, MOST_DEPTH
from indexer.errors import InputError
from indexer.filters import And, Bound, Contains, Exists, IsEmpty, Not, OneOf, Or, Place, Range, StartsWith

A, B, C = (OneOf(name, ("1",)) for name in "abc")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("lang = zh", OneOf("lang", ("zh",))),
        ("lang=zh", OneOf("lang", ("zh",))),
        ("lang != zh", Not(OneOf("lang", ("zh",)))),
        ("year > 2020", Range("year", lower=Bound("2020", inclusive=False))),
        ("year >= 2020", Range("year", lower=Bound("2020"))),
        ("year < -1.5", Range("year", upper=Bound("-1.5", inclusive=False))),
        ("year<=1e3", Range("year", upper=Bound("1e3"))),
        ("year 1990 TO 1999", Range("year", Bound("1990"), Bound("1999"))),
        ("1990 <= year < 2000", Range("year", Bound("1990"), Bound("2000", inclusive=False))),
        ("1990<year<=2000", Range("year", Bound("1990", inclusive=False), Bound("2000"))),
        ('tags IN [draft, "in review",]', OneOf("tags", ("draft", "in review"))),
        ("tags IN []", OneOf("tags", ())),
        ("tags NOT IN[a]", Not(OneOf("tags", ("a",)))),
        ("x EXISTS", Exists("x")),
        ("x NOT EXISTS", Not(Exists("x"))),
        ("x IS NULL", Not(Exists("x"))),
        ("x IS NOT NULL", Exists("x")),
        ("x IS EMPTY", IsEmpty("x")),
        ("x IS NOT EMPTY", Not(IsEmpty("x"))),
        ('x CONTAINS "y z"', Contains("x", "y z")),
        ("x NOT CONTAINS y", Not(Contains("x", "y"))),
        ("x STARTS WITH y", StartsWith("x", "y")),
        ("x NOT STARTS  WITH y", Not(StartsWith("x", "y"))),
        ("author.name = 鲁迅", OneOf("author.name", ("鲁迅",))),
        ('"author\'s name" = \'say "hi"\'', OneOf("author's name", ('say "hi"',))),
        (r'path = "C:\dir\\"', OneOf("path", ("C:\\dir\\",))),
        (r'x = "a \" b"', OneOf("x", ('a " b',))),
        (r"x = 'it\'s'", OneOf("x", ("it's",))),
        ("at = 2024-01-31T10:00:00+08:00", OneOf("at", ("2024-01-31T10:00:00+08:00",))),
        ("to = in", OneOf("to", ("in",))),
        ("x = 😀", OneOf("x", ("😀",))),
        ("", And(())),
        (" \t\n", And(())),
    ],
)
def test_a_condition_is_one_leaf(text, tree):
    assert parse_filter(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a=1 AND b=1 AND c=1", And((A, B, C))),
        ("a=1 OR b=1 AND c=1", Or((A, And((B, C))))),
        ("(a=1 OR b=1) AND c=1", And((Or((A, B)), C))),
        ("NOT a=1 AND b=1", And((Not(A), B))),
        ("NOT (a=1 AND b=1)", Not(And((A, B)))),
        ("NOT NOT a=1", Not(Not(A))),
        ("not a=1 Or b=1 aNd c=1", Or((Not(A), And((B, C))))),
        ("((a=1))", A),
        ("(a=1 AND b=1) AND c=1", And((And((A, B)), C))),
    ],
)
def test_not_binds_tighter_than_and_than_or(text, tree):
    assert parse_filter(text) == tree


def test_a_leaf_knows_where_it_stands():
    tree = parse_filter(" a = 1 AND NOT b EXISTS", "/filter")
    assert isinstance(tree, And)
    first, second = tree.nodes
    assert isinstance(first, OneOf)
    assert first.place == Place("/filter", 1)
    assert isinstance(second, Not)
    assert isinstance(second.node, Exists)
    assert second.node.place == Place("/filter", 15)


def test_full_width_signs_and_chinese_quotes_are_the_ascii_ones():
    assert parse_filter("（语言 ＝ “中 文” OR 年 ＞＝ ２０２０） AND 标签 IN ［小说， 诗］") == And(
        (
            Or((OneOf("语言", ("中 文",)), Range("年", lower=Bound("２０２０")))),
            OneOf("标签", ("小说", "诗")),
        )
    )


def test_an_outer_list_is_and_an_inner_one_or():
    assert parse_filter(["a = 1", ["b = 1", "c = 1"]]) == And((A, Or((B, C))))
    assert parse_filter([["a = 1"]]) == parse_filter(["a = 1"]) == A
    assert parse_filter(["a = 1 OR b = 1", {"key": "c", "match": {"value": 1}}]) == And((Or((A, B)), C))
    assert parse_filter([]) == And(())


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"key": "lang", "match": {"value": "zh"}}, "lang = zh"),
        ({"key": "year", "match": {"value": 2020}}, "year = 2020"),
        ({"key": "score", "match": {"value": -0.5}}, "score = -0.5"),
        ({"key": "live", "match": {"value": True}}, "live = true"),
        ({"key": "lang", "match": {"any": ["zh", "en"]}}, "lang IN [zh, en]"),
        ({"key": "lang", "match": {"except": ["zh", "en"]}}, "NOT lang IN [zh, en]"),
        ({"key": "year", "range": {"gte": 2020, "lt": 2024}}, "2020 <= year < 2024"),
        ({"key": "year", "range": {"gte": 2020, "lte": 2024}}, "year 2020 TO 2024"),
        ({"key": "at", "range": {"gt": "2024-01-31"}}, "at > 2024-01-31"),
        ({"is_null": {"key": "x"}}, "NOT x EXISTS"),
        ({"is_empty": {"key": "x"}}, "x IS EMPTY"),
        ({"must": ["a = 1", "b = 1"]}, "a = 1 AND b = 1"),
        ({"should": ["a = 1", "b = 1"]}, "a = 1 OR b = 1"),
        ({"must_not": ["a = 1", "b = 1"]}, "NOT a = 1 AND NOT b = 1"),
        ({"must_not": ["c = 1"], "should": ["b = 1"], "must": ["a = 1"]}, "a = 1 AND b = 1 AND NOT c = 1"),
        ({"must": [{"should": ["a = 1", {"must": ["b = 1", "c = 1"]}]}]}, "a = 1 OR (b = 1 AND c = 1)"),
        ({"must": [], "should": ["a = 1"]}, "a = 1"),
        ({}, ""),
        ({"must": []}, ""),
    ],
)
def test_json_says_the_same_as_text(given, text):
    assert parse_filter(given) == parse_filter(text)
    assert render(parse_filter(given)) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("year >=", "Position 7 of the filter: expected a value after `>=`, found the end."),
        ("year", "Position 4 of the filter: expected an operator"),
        ("year = 1 2", "Position 9 of the filter: expected AND, OR or the end, found `2`."),
        ("AND a = 1", "Position 0 of the filter: expected a name, NOT or `(`, found `AND`"),
        ("a = 1 AND", "Position 9 of the filter: expected a name, NOT or `(`, found the end."),
        ("a = or", "put quotes around it where it is meant as text."),
        ("(a = 1", "Position 0 of the filter: no `)` closes this `(`."),
        ("(a = 1 b", "Position 7 of the filter: expected AND, OR or `)`, found `b`."),
        ("a = 1)", "Position 5 of the filter: expected AND, OR or the end, found `)`."),
        ("()", "Position 1 of the filter: expected a name, NOT or `(`, found `)`."),
        ('a = "b', 'Position 4 of the filter: no `"` closes this `"`.'),
        ("a = 'b\"", "Position 4 of the filter: no `'` closes this `'`."),
        ('a = “b"', "Position 4 of the filter: no `”` closes this `“`."),
        ("a = b”", "Position 5 of the filter: expected a word or a quoted text, found `”`."),
        ("a IN b", "Position 5 of the filter: expected `[` after IN, found `b`."),
        ("a IN [b", "Position 7 of the filter: expected `,` or `]`, found the end."),
        ("a IN [b,", "Position 8 of the filter: expected a value or `]`, found the end."),
        ("a IN [b c]", "Position 8 of the filter: expected `,` or `]`, found `c`."),
        ("a IN [,]", "Position 6 of the filter: expected a value or `]`, found `,`."),
        ("a STARTS b", "Position 9 of the filter: expected WITH after STARTS, found `b`."),
        ("a IS b", "Position 5 of the filter: expected NULL, EMPTY or NOT, found `b`."),
        ("a IS NOT b", "Position 9 of the filter: expected NULL or EMPTY, found `b`."),
        ("a NOT b", "expected IN, CONTAINS, STARTS WITH or EXISTS, found `b`."),
        ("a 1 TO", "Position 6 of the filter: expected a value after TO, found the end."),
        ("1 < a > 2", "Position 6 of the filter: expected AND, OR or the end, found `>`."),
        ("a == 1", "Position 3 of the filter: expected a value after `=`, found `=`."),
        ("a <> 1", "Position 3 of the filter: expected a value after `<`, found `>`."),
        (
            "a LIKE b",
            "expected an operator (`=`, `!=`, `<`, `<=`, `>`, `>=`, TO, IN, CONTAINS, STARTS WITH, ",
        ),
        ("a : b", "STARTS WITH, EXISTS, IS), found `:`."),
        ("a ! b", "Position 2 of the filter: expected a word or a quoted text, found `!`."),
        ("_geoRadius(1, 2, 3)", "Position 0 of the filter: `_geoRadius` is not supported"),
        ("a = 1 AND _geoBoundingBox([1, 2], [3, 4])", "`_geoBoundingBox` is not supported"),
        ("a\x00 = 1", "Position 1 of the filter: expected a word or a quoted text, found U+0000."),
        ("a = \x1b[0m", "found U+001B."),
        ("\ud800 = 1", "expected Unicode text, found a lone surrogate at 0."),
    ],
)
def test_a_broken_text_is_told_with_its_position_and_what_was_expected(text, message):
    with pytest.raises(InputError) as caught:
        parse_filter(text)
    assert message in caught.value.message
    assert (caught.value.code, caught.value.pointer) == ("filter_syntax", "/filter")


@pytest.mark.parametrize(
    ("given", "pointer", "message"),
    [
        (5, "", "expected a text, or an object with one of `must`, `should`, `must_not`, `key`"),
        (None, "", "found null."),
        ([5], "/0", "found `5`."),
        (["a = 1", []], "/1", "expected conditions in the list, found none."),
        ([["a = 1", ["b = 1"]]], "/0/1", "found a list."),
        (["a = 1", ["b ="]], "/1/0", "Position 3 of the filter: expected a value after `=`"),
        ({"must": "a = 1"}, "/must", "expected a list of conditions, found `a = 1`."),
        ({"must": ["a = 1", {}]}, "/must/1", "found `{}`."),
        ({"must": [{"must": []}]}, "/must/0", "expected conditions in the clause, found none."),
        ({"must": [["a = 1"]]}, "/must/0", "found a list."),
        ({"must": [], "min_should": {}}, "", "expected `must`, `should`, `must_not`, found `min_should`."),
        ({"nested": {"key": "a"}}, "", "found an object with `nested`."),
        ({"key": "a", "geo_radius": {}}, "", "expected `key`, `match`, `range`, found `geo_radius`."),
        ({"key": "a", "values_count": {}}, "", "found `values_count`."),
        ({"key": "a"}, "", "expected either `match` or `range` beside `key`"),
        ({"key": "a", "match": {"value": 1}, "range": {"gt": 1}}, "", "expected either `match` or `range`"),
        ({"key": 5, "match": {"value": 1}}, "/key", "expected the name of a field, found `5`."),
        ({"match": {"value": 1}}, "", "found an object with `match`."),
        ({"key": "a", "match": "b"}, "/match", "expected an object with `value`, `any`, `except`"),
        ({"key": "a", "match": {"text": "b"}}, "/match", "found `text`."),
        ({"key": "a", "match": {}}, "/match", "expected one of `value`, `any`, `except`."),
        ({"key": "a", "match": {"value": None}}, "/match/value", "expected a string, a number or a boolean"),
        ({"key": "a", "match": {"any": "b"}}, "/match/any", "expected a list of values, found `b`."),
        ({"key": "a", "match": {"any": ["b", []]}}, "/match/any/1", "found an empty list."),
        (
            {"key": "a", "match": {"value": float("nan")}},
            "/match/value",
            "found a number that cannot be written",
        ),
        ({"key": "a", "match": {"value": 10**100}}, "/match/value", "found a number that cannot be written"),
        ({"key": "a", "range": {}}, "/range", "expected one of `gt` and `gte`"),
        ({"key": "a", "range": {"gt": 1, "gte": 1}}, "/range", "expected one of `gt` and `gte`"),
        ({"key": "a", "range": {"from": 1}}, "/range", "found `from`."),
        ({"is_null": "a"}, "/is_null", "expected an object with `key`, found `a`."),
        ({"is_null": {}}, "/is_null/key", "expected the name of a field, found null."),
        ({"is_empty": {"key": "a"}, "key": "a"}, "", "expected `is_empty`, found `key`."),
    ],
)
def test_broken_json_is_told_with_its_pointer(given, pointer, message):
    with pytest.raises(InputError) as caught:
        parse_filter(given)
    assert message in caught.value.message
    assert (caught.value.code, caught.value.pointer) == ("filter_syntax", f"/filter{pointer}")


def clauses(depth: int) -> dict[str, Any]:
    """A condition so many clauses deep."""
    given: dict[str, Any] = {"key": "a", "match": {"value": 1}}
    for _ in range(depth):
        given = {"must": [given]}
    return given


@pytest.mark.parametrize("deep", [MOST_DEPTH + 1, 10_000])
@pytest.mark.parametrize(
    "given",
    [
        lambda depth: "(" * depth + "a = 1" + ")" * depth,
        lambda depth: "NOT " * depth + "a = 1",
        lambda depth: "NOT (" * depth + "a = 1" + ")" * depth,
        clauses,
        lambda depth: {"must_not": [clauses(MOST_DEPTH - 1), "(" * depth + "a = 1" + ")" * depth]},
    ],
)
def test_conditions_stand_at_most_so_deep(given, deep):
    with pytest.raises(InputError, match="at most 32 deep") as caught:
        parse_filter(given(deep))
    assert caught.value.code == "filter_syntax"


def test_the_bounds_themselves_are_allowed():
    for negation in ("", "NOT "):
        parse_filter(f"{negation}(" * MOST_DEPTH + "a = 1" + ")" * MOST_DEPTH)
    parse_filter(clauses(MOST_DEPTH))
    parse_filter(" OR ".join(["a = 1"] * MOST_CONDITIONS))
    parse_filter(["a = 1"] * MOST_CONDITIONS)
    parse_filter("a = " + "b" * (MOST_BYTES - 4))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (" OR ".join(["a = 1"] * (MOST_CONDITIONS + 1)), "at most 1,024 conditions"),
        (["a = 1"] * (MOST_CONDITIONS + 1), "at most 1,024 conditions"),
        ({"must": [clauses(0)] * MOST_CONDITIONS, "should": ["a = 1"]}, "at most 1,024 conditions"),
        ("a = " + "b" * (MOST_BYTES - 3), "at most 64 KiB"),
        ("a = " + "猫" * (MOST_BYTES // 3), "at most 64 KiB"),
        (["a = 1", "b = " + "c" * (MOST_BYTES - 8)], "at most 64 KiB"),
        ({"key": "a", "match": {"any": ["b" * 100] * 1_000}}, "at most 64 KiB"),
    ],
)
def test_a_filter_beyond_a_bound_is_refused(given, message):
    with pytest.raises(InputError, match=message) as caught:
        parse_filter(given)
    assert caught.value.code == "filter_syntax"
