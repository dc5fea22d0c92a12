"""What conditions, facets, order and groups come to, of few documents."""

from typing import Any

import numpy as np
import pytest

from app.search.filters import parse_filter
from indexer.errors import InputError, UnknownNameError
from indexer.metadata import Facet, Statistics
from indexer.types import FieldType
from tests.indexer.metadata.columns import kinds, metadata

TYPES: dict[str, FieldType] = {
    "title": "text",
    "lang": "keyword",
    "tags": "keyword",
    "year": "number",
    "live": "boolean",
    "at": "date",
    "author": "object",
    "never": "number",
}
DOCUMENTS: list[dict[str, Any]] = [
    {"title": "猫", "lang": "zh", "tags": ["小说", "猫"], "year": 2020, "live": True, "at": "2024-01-31"},
    {"title": "狗", "lang": "zh", "tags": [], "year": 2021.5, "live": False, "at": "2024-01-31T10:00:00Z"},
    {"title": "Cats", "lang": "EN", "tags": "cat", "year": [1990, 2020], "at": "2024-02-01T07:00:00+08:00"},
    {"title": "", "lang": "", "author": {"name": "鲁迅", "born": 1881}, "at": "2024-02-01"},
    {"author": [{"name": "Lu Xun"}, {"name": "巴金", "born": "1904"}], "live": [True, False]},
    {"author": {}, "year": 0},
]


@pytest.fixture(scope="module")
def columns():
    return metadata(DOCUMENTS, TYPES)


@pytest.mark.parametrize(
    ("filter", "documents"),
    [
        ("lang = zh", [0, 1]),
        ("lang = en", []),
        ("lang = EN", [2]),
        ('lang = ""', [3]),
        ("lang != zh", [2, 3, 4, 5]),
        ("lang IN [zh, EN, fr]", [0, 1, 2]),
        ("lang NOT IN [zh, EN, fr]", [3, 4, 5]),
        ("lang IN []", []),
        ("lang > EN", [0, 1]),
        ("lang >= EN", [0, 1, 2]),
        ("lang < zh", [2, 3]),
        ("tags = 猫", [0]),
        ("tags CONTAINS 说", [0]),
        ("tags CONTAINS at", [2]),
        ('tags CONTAINS ""', [0, 2]),
        ("tags NOT CONTAINS at", [0, 1, 3, 4, 5]),
        ("tags STARTS WITH 小", [0]),
        ("tags STARTS WITH 说", []),
        ("tags EXISTS", [0, 1, 2]),
        ("tags IS EMPTY", [1]),
        ("tags IS NOT EMPTY", [0, 2, 3, 4, 5]),
        ("tags IS NULL", [3, 4, 5]),
        ("tags IS NOT NULL", [0, 1, 2]),
        ("year = 2020", [0, 2]),
        ("year = 2020.0", [0, 2]),
        ("year = 2.02e3", [0, 2]),
        ("year = -0", [5]),
        ("year > 2020", [1]),
        ("year >= 2020", [0, 1, 2]),
        ("year < 2020", [2, 5]),
        ("year 1991 TO 2019", []),
        ("year > 1991 AND year < 2019", [2]),
        ("1990 < year < 2020", []),
        ("1990 <= year < 2020", [2]),
        ("live = true", [0, 4]),
        ("live = FALSE", [1, 4]),
        ("live != true", [1, 2, 3, 5]),
        ("at = 2024-01-31", [0, 1, 2]),
        ("at = 2024-01-31T00:00:00Z", [0]),
        ("at > 2024-01-31", [3]),
        ("at >= 2024-01-31", [0, 1, 2, 3]),
        ("at <= 2024-01-31", [0, 1, 2]),
        ("at < 2024-01-31", []),
        ("at > 2024-01-31T00:00:00", [1, 2, 3]),
        ("at 2024-01-31T10:00 TO 2024-01-31", [1, 2]),
        ("at IN [2024-02-01, '2024-01-31 18:00+08:00']", [1, 3]),
        ("author.name = 巴金", [4]),
        ("author.born = 1881", [3]),
        ("author.born = 1904", [4]),
        ("author.born > 1880", [3, 4]),
        ("author.born STARTS WITH 19", [4]),
        ("author EXISTS", [3, 4, 5]),
        ("author IS EMPTY", [5]),
        ("title EXISTS", [0, 1, 2, 3]),
        ("title IS EMPTY", [3]),
        ("never = 1", []),
        ("never NOT EXISTS", [0, 1, 2, 3, 4, 5]),
        ("", [0, 1, 2, 3, 4, 5]),
        ("lang = zh AND NOT (year > 2020 OR live = false)", [0]),
    ],
)
def test_a_filter_selects_documents(columns, filter, documents):
    assert np.flatnonzero(columns.select(parse_filter(filter))).tolist() == documents


def test_fields_tells_the_kinds_of_every_path(columns):
    assert kinds(columns) == {
        "at": ("date",),
        "author": (),
        "author.born": ("number", "keyword"),
        "author.name": ("keyword",),
        "lang": ("keyword",),
        "live": ("boolean",),
        "never": ("number",),
        "tags": ("keyword",),
        "title": ("text",),
        "year": ("number",),
    }


@pytest.mark.parametrize(
    ("filter", "message"),
    [
        (
            "year = abc",
            "Position 0 of the filter: `year` is of type `number`: a number was expected, found `abc`.",
        ),
        ("live = true OR year IN [1, NaN]", "Position 15 of the filter: `year` is of type"),
        ("year > 1e999", "found `1e999`."),
        ("year = 9" + "9" * 400, "a number was expected, found `999"),
        ("year = ２０２０", "found `２０２０`."),
        ("live = 1", "`live` is of type `boolean`: `true` or `false` was expected, found `1`."),
        ("live > false", "`live` is of type `boolean`: it has no order, compare it by `=`."),
        ("at = 2024-13-01", "`at` is of type `date`: an ISO 8601 date was expected, found `2024-13-01`."),
        ("at 2024 TO soon", "found `2024`."),
        ("year CONTAINS 20", "`year` is of type `number`: CONTAINS looks into keywords alone."),
        ("at STARTS WITH 2024", "`at` is of type `date`: STARTS WITH looks into keywords alone."),
        ("title = 猫", "`title` is text: it is searched by `q`. Ask for EXISTS, or make it a keyword field."),
        ("author = 鲁迅", "`author` is an object: name what is in it, for example `author.born`."),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_the_type(columns, filter, message):
    with pytest.raises(InputError) as caught:
        columns.select(parse_filter(filter))
    assert message in caught.value.message
    assert (caught.value.code, caught.value.pointer) == ("filter_type", "/filter")


def test_in_json_the_pointer_tells_the_place(columns):
    filter = {"must": ["live = true", {"key": "year", "match": {"any": ["abc"]}}]}
    with pytest.raises(InputError, match="At `/filter/must/1/match/any`: `year` is of type") as caught:
        columns.select(parse_filter(filter))
    assert caught.value.pointer == "/filter/must/1/match/any"


def test_an_unknown_field_is_told_with_the_nearest_one(columns):
    with pytest.raises(UnknownNameError, match=r"Did you mean `author\.name`\?") as caught:
        columns.select(parse_filter("lang = zh AND auther.name = x"))
    assert (caught.value.code, caught.value.pointer) == ("unknown_field", "/filter")
    with pytest.raises(UnknownNameError) as caught:
        columns.field("langs", "/facets/0")
    assert caught.value.pointer == "/facets/0"


def every(n=6):
    return np.arange(n, dtype=np.int32)


def test_a_facet_counts_documents_by_value(columns):
    assert columns.field("lang").facet(every(), 2) == Facet([("zh", 2), ("", 1)], 1, 2, None)
    assert columns.field("live").facet(every(), 9) == Facet([(False, 2), (True, 2)], 0, 3, None)
    assert columns.field("tags").facet(np.array([5, 1], np.int32), 9) == Facet([], 0, 2, None)
    assert columns.field("author.born").facet(every(), 9) == Facet(
        [(1881, 1), ("1904", 1)], 0, 4, Statistics(1881, 1881, 1881.0, 1881)
    )


def test_numbers_and_dates_have_statistics(columns):
    # 2020 twice, 1990, 2021.5 and 0: 8,051.5 in all
    facet = columns.field("year").facet(every(), 1)
    assert facet == Facet([(2020, 2)], 3, 2, Statistics(0, 2021.5, 8051.5 / 5, 8051.5))
    assert columns.field("never").facet(every(), 1) == Facet([], 0, 6, None)
    first, last = "2024-01-31T00:00:00Z", "2024-02-01T00:00:00Z"
    facet = columns.field("at").facet(np.array([3, 0], np.int32), 1)
    assert facet == Facet([(first, 1)], 1, 0, Statistics(first, last, "2024-01-31T12:00:00Z", None))


def ordered(columns, path, *, descending=False):
    return np.argsort(columns.field(path).order(every(), descending=descending), kind="stable").tolist()


def test_order_is_by_the_smallest_value_or_the_largest_and_documents_without_are_last(columns):
    assert ordered(columns, "year") == [5, 2, 0, 1, 3, 4]
    assert ordered(columns, "year", descending=True) == [1, 0, 2, 5, 3, 4]
    assert ordered(columns, "lang") == [3, 2, 0, 1, 4, 5]
    assert ordered(columns, "live") == [1, 4, 0, 2, 3, 5]
    assert ordered(columns, "live", descending=True) == [0, 4, 1, 2, 3, 5]
    assert ordered(columns, "at") == [0, 1, 2, 3, 4, 5]
    assert ordered(columns, "author.born") == [3, 4, 0, 1, 2, 5]
    assert ordered(columns, "never") == [0, 1, 2, 3, 4, 5]


def test_groups_are_by_the_smallest_value(columns):
    years = columns.field("year")
    codes = years.groups(np.array([2, 3, 0], np.int32)).tolist()
    assert [None if code < 0 else years.value(code) for code in codes] == [1990, None, 2020]


@pytest.mark.parametrize("path", ["title", "author"])
def test_what_has_no_values_has_no_facets_and_no_order(columns, path):
    with pytest.raises(InputError, match=f"`{path}` is ") as caught:
        columns.field(path, "/sort/1")
    assert (caught.value.code, caught.value.pointer) == ("filter_type", "/sort/1")


def test_without_documents_nothing_is_selected():
    columns = metadata([], TYPES)
    assert columns.select(parse_filter("lang = zh OR title EXISTS OR NOT year > 3")).tolist() == []
    assert columns.field("year").facet(every(0), 5) == Facet([], 0, 0, None)
    assert columns.field("year").order(every(0)).tolist() == []


def test_without_fields_only_the_empty_filter_is_known():
    columns = metadata([{}, {}], {})
    assert columns.select(parse_filter("")).tolist() == [True, True]
    with pytest.raises(UnknownNameError, match="known: none"):
        columns.select(parse_filter("lang = zh"))


def test_numbers_compare_as_float64():
    columns = metadata([{"n": 2**53}, {"n": 2**53 + 1}, {"n": 1e300}, {"n": -0.0}], {"n": "number"})
    assert columns.select(parse_filter(f"n = {2**53 + 1}")).tolist() == [True, True, False, False]
    facet = columns.field("n").facet(every(4), 9)
    assert repr(facet.values) == "[(9007199254740992, 2), (0, 1), (1e+300, 1)]"


def test_sums_beyond_float64_are_infinite_and_warn_of_nothing():
    columns = metadata([{"n": [1.7e308, 1.6e308]}], {"n": "number"})
    statistics = columns.field("n").facet(every(1), 0).statistics
    assert statistics == Statistics(1.6e308, 1.7e308, float("inf"), float("inf"))
