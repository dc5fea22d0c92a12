"""The query language: what each operator means, what is plain text, what is broken."""

import re
import time
from pathlib import Path

import pytest

from app.search.query import Parsed, parse
from indexer.errors import InputError
from indexer.query import Boost, Fuzzy, Group, InField, Node, Phrase, Prefix, Words

FIELDS = ("title", "text", "标题")
PAGE = (Path(__file__).parents[3] / "docs" / "query-language.md").read_text()


def tree(text: str) -> Node:
    """The tree of a query that has nothing wrong."""
    return parse(text, FIELDS, strict=True).tree


def should(*nodes: Node) -> Group:
    return Group(should=nodes)


def must(*nodes: Node) -> Group:
    return Group(must=nodes)


def without(*nodes: Node) -> Group:
    return Group(must_not=nodes)


A, B, C, D = map(Words, "abcd")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"exact phrase"', Phrase("exact phrase")),
        ('"a b"~2', Phrase("a b", 2)),
        ("“全文检索”", Phrase("全文检索")),
        ("「全文」『检索』", should(Phrase("全文"), Phrase("检索"))),
        ("“全文检索”～２", Phrase("全文检索", 2)),
        ("“a「b」”", Phrase("a「b」")),
        ('x y "a b" z', should(Words("x y"), Phrase("a b"), Words("z"))),
        ("搜索“全文检索”引擎", should(Words("搜索"), Phrase("全文检索"), Words("引擎"))),
        ("机器* foo*", should(Prefix("机器"), Prefix("foo"))),
        ("机*", Prefix("机")),
        ("foo~ bar~1 baz~2", should(Fuzzy("foo", 1), Fuzzy("bar", 1), Fuzzy("baz", 2))),
        ("a b^2", should(A, Boost(B, 2.0))),
        ('"a b"^.5', Boost(Phrase("a b"), 0.5)),
        ("(a b)^1000", Boost(Words("a b"), 1000.0)),
        ("foo*^2 bar~1^3", should(Boost(Prefix("foo"), 2.0), Boost(Fuzzy("bar"), 3.0))),
        ("title:a b", should(InField("title", A), B)),
        ('title:"a b"~1^2', Boost(InField("title", Phrase("a b", 1)), 2.0)),
        ("标题：（机器 学习）", InField("标题", Words("机器 学习"))),
        ("title:(a -b)", InField("title", Group((A,), (), (B,)))),
        ("title:foo:bar", InField("title", Words("foo:bar"))),
    ],
)
def test_each_operator_has_its_node(text: str, expected: Node) -> None:
    assert parse(text, FIELDS).tree == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+a -b c d", Group((Words("c d"),), (A,), (B,))),
        ("机器 ＋学习 －广告", Group((Words("机器"),), (Words("学习"),), (Words("广告"),))),
        ('+"a b" -title:(c d)', Group((), (Phrase("a b"),), (InField("title", Words("c d")),))),
        ("a AND b", must(A, B)),
        ("a AND b", tree("+a +b")),
        ("a OR b", should(A, B)),
        ("a AND NOT b", Group(must=(A,), must_not=(B,))),
        ("a AND -b AND +c", Group((), (A, C), (B,))),
        ("a NOT b", tree("a -b")),
        ("a OR b AND NOT c", should(A, Group((), (B,), (C,)))),
        ("a b AND c d", should(A, must(B, C), D)),
        ("a OR b c", should(should(A, B), C)),
        ("(a OR b) AND c", must(should(A, B), C)),
        ("a OR NOT b", should(A, without(B))),
        ("a OR +b", should(A, B)),
        ("“a b”AND（c d）", must(Phrase("a b"), Words("c d"))),
        ("-a", without(A)),
        ("NOT a -b", without(A, B)),
        ("+a", must(A)),
        ("(+a) b", should(must(A), B)),
        ("((a))", A),
        ("(a) b", should(A, B)),
        ("f(x)", should(Words("f"), Words("x"))),
    ],
)
def test_not_binds_tighter_than_and_than_or_than_standing_side_by_side(text: str, expected: Node) -> None:
    assert tree(text) == expected


def test_the_precedence_is_the_documented_one() -> None:
    _, table = PAGE.split("is read as |\n|---|---|\n")
    rows = re.findall(r"^\| `(.+)` \| `(.+)` \|$", table, re.MULTILINE)
    assert len(rows) == 5
    assert [tree(written) for written, _ in rows] == [tree(meant) for _, meant in rows]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \u3000",
        " 机器学习  recall ",
        "GPT-4 well-known C++ a+ C# .NET node.js a/b snake_case",
        "http://x/?q=1 10:30 C++: : 12:00 ：",
        "a - b + c * d ~ e",
        "a -> b --verbose ++i a->b",
        '5 " b',
        "2010~2020 3～5岁 ~/x a*b * **bold**",
        "and or not Android ORDER NOTE 猫AND狗",
        r"C:\dir \d",
        "中文，标点。《书》？！",
    ],
)
def test_what_is_no_operator_is_plain_text(text: str) -> None:
    assert parse(text, FIELDS, strict=True) == Parsed(Words(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\+a \-b", Words("+a -b")),
        (r"\"a b\"", Words('"a b"')),
        (r"title\:a", Words("title:a")),
        (r"a\* b\~1 c\^2 \(d\)", Words("a* b~1 c^2 (d)")),
        (r"a \AND b", Words("a AND b")),
        (r"（\（）", Words("（")),
        (r"a\\", Words("a\\")),
        (r'"a \"b\" c"', Phrase('a "b" c')),
        (r'"\d"', Phrase(r"\d")),
    ],
)
def test_a_backslash_makes_an_operator_plain_text(text: str, expected: Node) -> None:
    assert tree(text) == expected


@pytest.mark.parametrize(
    ("text", "position", "told", "words"),
    [
        ('a "b c', 2, 'no `"` closes this `"`', "a  b c"),
        ("“全文", 0, "no `”` closes this `“`", " 全文"),
        ("全文”", 2, "found `”`", "全文 "),
        ("a (b", 2, "no `)` closes this `(`", "a  b"),
        ("a) b", 1, "found a `)` that no `(` opens", "a  b"),
        ("GPT-4 ()", 7, "expected a word, a phrase or a group, found `)`", "GPT-4   "),
        ('a ""', 2, "expected words between the quotes, found none", "a   "),
        ("a AND", 5, "found the end", "a AND"),
        ("OR a", 0, "found `OR`", "OR a"),
        ("NOT NOT a", 4, "found `NOT`", "NOT NOT a"),
        ("title: a", 6, "found white space", "title  a"),
        ("^_^", 0, "found `^`", " _ "),
        ('"a b"~x', 6, "expected a whole number up to 100, found `x`", " a b  x"),
        ('"a b"~101', 6, "found `101`", " a b  101"),
        ('"a b"~', 6, "found ``", " a b  "),
        ("(a)~2", 3, "expected white space, found `~`", " a  2"),
        ("foo~3", 3, "expected 1 to 2 edits, found `~3`", "foo 3"),
        ("foo~0", 3, "found `~0`", "foo 0"),
        ("a*", 1, "expected two characters before `*`, or one that is Chinese", "a "),
        ("a^0", 2, "expected a boost above 0, at most 1,000, found `0`", "a 0"),
        ("a^1001", 2, "found `1001`", "a 1001"),
        ("x^2+y^2", 2, "found `2+y`", "x 2+y 2"),
        ("a^", 2, "found ``", "a "),
        (f"a^{'9' * 5_000}", 2, f"found `{'9' * 20}…`", f"a {'9' * 5_000}"),
        ('-a "b', 3, "closes", " a  b"),
    ],
)
def test_a_broken_query_is_read_as_plain_words(text: str, position: int, told: str, words: str) -> None:
    parsed = parse(text, FIELDS)
    assert parsed.tree == Words(words)
    [warning] = parsed.warnings
    assert warning.startswith(f"Position {position} of the query: ")
    assert told in warning
    with pytest.raises(InputError) as caught:
        parse(text, FIELDS, strict=True)
    assert (caught.value.pointer, caught.value.code) == ("/q", "query_syntax")
    assert warning == f"{caught.value.message} It was read as plain words."


@pytest.mark.parametrize(
    ("text", "position", "name"),
    [
        ("a titel:foo", 2, "titel"),
        ("(titel:foo)", 1, "titel"),
        ("+titel:foo*", 1, "titel"),
        ('titel:"a b"', 0, "titel"),
        ("titel：（a b）", 0, "titel"),
        ("x_1：中", 0, "x_1"),
    ],
)
def test_what_looks_like_a_field_is_plain_text_with_a_warning(text: str, position: int, name: str) -> None:
    [warning] = parse(text, FIELDS).warnings
    told = f"Position {position} of the query: Unknown field `{name}`; known: `text`, `title`, `标题`."
    assert warning.startswith(told)
    with pytest.raises(InputError, match=re.escape(told)) as caught:
        parse(text, FIELDS, strict=True)
    assert (caught.value.pointer, caught.value.code) == ("/q", "unknown_field")


def test_an_unknown_field_changes_nothing_but_the_warnings() -> None:
    parsed = parse("titel:a titel:b c:d e:f g:h", FIELDS)
    assert parsed.tree == Words("titel:a titel:b c:d e:f g:h")
    assert [warning.split("`")[1] for warning in parsed.warnings] == ["titel", "c", "e"]


def test_a_field_is_one_only_where_the_index_has_it() -> None:
    assert parse("body:a", ["body"]) == Parsed(InField("body", A))
    assert parse("a.b:c d+e:f", ["a.b", "d+e"]).tree == should(InField("a.b", C), InField("d+e", Words("f")))
    assert parse("标题:a", []) == Parsed(Words("标题:a"))


def test_parentheses_stand_in_each_other_32_deep() -> None:
    def nested(depth: int) -> str:
        return "-(" * depth + "a" + ")" * depth

    assert parse(nested(32), FIELDS).warnings == ()
    [warning] = parse(nested(33), FIELDS).warnings
    assert warning.startswith("Position 65 of the query: parentheses stand in each other at most 32 deep.")


def test_a_query_has_1024_clauses() -> None:
    assert len(tree("+a " * 1_024).must) == 1_024  # type: ignore[union-attr]
    [warning] = parse("+a " * 1_025, FIELDS).warnings
    assert warning.startswith("Position 3073 of the query: a query has at most 1,024 clauses.")
    assert parse("a " * 8_192, FIELDS).tree == Words("a " * 8_192)  # plain words are one clause


HOSTILE = [
    *'a 机 " “ ( ) \\ * ~ ^ : - + \u3000 9'.split(" "),
    *["a ", "“ ", '" ', "a: ", "ab:c ", '"a" ', '\\" ', "a^2 ", "ab~2 ", "a AND ", "-title:ab~2^2 ", "(a) "],
    *[
        "((((a)))) ",
        "((((((((((a))))))))))",
        "NOT ",
        "a          ",
        '" \\" ',
        "a\\*^2 ",
        "titel:(",
        "a (",
        "ab*",
    ],
]


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("before", ["", '"', "(", "a^"])
def test_the_longest_query_is_read_in_linear_time(before: str, unit: str) -> None:
    """Each takes less than 10 ms on one slow core; what is quadratic would take a second."""
    text = (before + unit * 16_384).encode()[:16_384].decode(errors="ignore")
    times = []
    for _ in range(3):
        start = time.perf_counter()
        parse(text, FIELDS)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.1
