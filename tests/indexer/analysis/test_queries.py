"""What an index's own stop words and synonyms make of queries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from indexer.analysis import Analyzer, query_terms
from indexer.types import AnalysisSettings


def terms(text, views=("words",), **settings):
    """The terms of a query under these settings, in one view or several."""
    found = Analyzer(AnalysisSettings(**settings)).query_terms(text, views)
    return found[views[0]] if len(views) == 1 else found


GROUP = ["机器学习", "machine learning", "ML"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ML 方法", ["ml", "方法", "机器", "学习", "machin", "learn"]),
        ("機器學習", ["机器", "学习", "machin", "learn", "ml"]),
        ("Machine Learning", ["machin", "learn", "机器", "学习", "ml"]),
        ("learning machine", ["learn", "machin"]),  # another order is another text
        ("机器", ["机器"]),
        ("ml ml", ["ml", "ml", "机器", "学习", "machin", "learn"]),
        ("ML machine learning", ["ml", "machin", "learn", "机器", "学习"]),
    ],
)
def test_a_query_that_holds_one_of_a_group_asks_for_all(query, expected):
    assert terms(query, synonyms=[GROUP]) == expected


def test_synonyms_are_terms_of_every_view():
    found = terms("ML", ("words", "characters", "bigrams"), synonyms=[["ML", "机器"]])
    assert found == {"words": ["ml", "机器"], "characters": ["机", "器"], "bigrams": ["机器"]}


def test_a_word_may_stand_in_several_groups():
    groups = [["ML", "机器学习"], ["ml", "maximum likelihood"]]
    assert terms("ml", synonyms=groups) == ["ml", "机器", "学习", "maximum", "likelihood"]


def test_the_longest_entry_is_the_one_that_is_meant():
    assert terms("new york", synonyms=[["new york", "纽约"], ["new", "新"]]) == ["new", "york", "纽约"]


def test_traditional_and_simplified_characters_have_the_same_synonyms():
    for group in (["計算機", "電腦"], ["计算机", "电脑"]):
        assert terms("計算機", synonyms=[group]) == terms("计算机", synonyms=[group]) == ["计算机", "电脑"]


def test_a_hostile_query_brings_in_few_groups():
    groups = [[f"w{number}", f"x{number}"] for number in range(500)]
    found = terms(" ".join(f"w{number}" for number in range(500)), synonyms=groups)
    assert len(found) == 500 + 64


def test_a_list_of_stop_words_replaces_the_built_in_one():
    query = "the cats 的 方法"
    assert terms(query) == ["cat", "方法"]
    assert terms(query, stop_words=[]) == ["the", "cat", "的", "方法"]
    assert terms(query, stop_words=["Cat", "方法"]) == ["the", "的"]


def test_stop_words_go_with_the_characters_that_they_are_made_of():
    found = terms("请告诉我方法", ("words", "characters", "bigrams"), stop_words=["請告訴我"])
    assert found == {"words": ["方法"], "characters": ["方", "法"], "bigrams": ["我方", "方法"]}


def test_stop_words_may_be_several_words():
    assert terms("how to cook", stop_words=["how to"]) == ["cook"]
    assert terms("how we cook", stop_words=["how to"]) == ["how", "we", "cook"]


def test_stop_words_stay_where_nothing_else_is_left():
    assert terms("how to", stop_words=["how to"]) == ["how", "to"]


def test_the_parts_of_a_query_are_without_stop_words_while_others_remain():
    analyzer = Analyzer(AnalysisSettings())
    assert analyzer.query_pieces("the 机器学习 !!! C++") == ["机器学习", "C++"]
    assert analyzer.query_pieces("the 的") == ["the", "的"]
    assert analyzer.query_pieces("!!! …") == []


def test_neither_is_part_of_what_the_terms_of_documents_depend_on():
    plain, other = (
        Analyzer(each)
        for each in (AnalysisSettings(), AnalysisSettings(stop_words=["x"], synonyms=[["a", "b"]]))
    )
    assert plain.fingerprint() == other.fingerprint()
    assert plain.analyse("a x").terms == other.analyse("a x").terms
    assert plain.query_fingerprint != other.query_fingerprint


@given(st.text("abc机器学习 的the"))
def test_without_lists_of_its_own_an_index_has_the_built_in_analysis(text):
    views = ["words", "bigrams"]
    settings = AnalysisSettings(synonyms=[["x", "y"]])
    assert Analyzer(settings).query_terms(text, views) == query_terms(text, views)


@pytest.mark.parametrize(
    "settings",
    [
        {"synonyms": [["alone"]]},
        {"synonyms": [["a", ""]]},
        {"synonyms": [["a", "b" * 65]]},
        {"stop_words": [""]},
        {"stop_words": ["a" * 65]},
        {"stop_words": ["a"] * 10_001},
    ],
)
def test_settings_have_bounds(settings):
    with pytest.raises(ValidationError):
        AnalysisSettings(**settings)
