"""The words that somebody wants kept whole."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from indexer.analysis import Analyzer, fold
from indexer.analysis.dictionary import Dictionary
from indexer.types import AnalysisSettings


def words(text, *dictionary):
    """The words of a text under a dictionary."""
    return Analyzer(AnalysisSettings(dictionary=list(dictionary))).analyse(text).terms


def test_a_chinese_word_is_never_cut():
    assert words("今天天气真好") == ["今天天气", "真", "好"]
    assert words("今天天气真好", "天气真好") == ["今天", "天气真好"]


def test_the_longest_word_wins_and_then_the_first():
    assert words("区块链技术", "区块", "区块链") == ["区块链", "技术"]
    assert words("甲乙丙丁", "甲乙", "乙丙丁") == ["甲乙", "丙丁"]


def test_words_are_folded_as_texts_are():
    assert words("用區塊鏈", "區塊鏈") == words("用区块链", "区块链") == ["用", "区块链"]
    assert words("Ｔ恤", "t恤") == words("t恤", "Ｔ恤") == ["t恤", "t", "恤"]


@pytest.mark.parametrize(
    ("text", "word", "terms"),
    [
        ("唱卡拉OK吧", "卡拉ok", ["唱", "卡拉ok", "卡拉", "ok", "吧"]),
        ("卡拉okay", "卡拉ok", ["卡拉", "okay"]),
        ("哈利·波特", "哈利·波特", ["哈利·波特", "哈利", "波特"]),
        ("asp.net", ".NET", ["asp.net", "asp", ".net", "net"]),
        ("AT&T", "at&t", ["at&t", "at", "t"]),
        ("node.js", "Node.js", ["node.js", "node", "js"]),
        ("running", "running", ["run"]),
        ("…", "…", []),
    ],
)
def test_a_mixed_word_is_found_besides_its_parts(text, word, terms):
    assert words(text, word) == terms


def test_a_mixed_word_may_begin_inside_of_a_chinese_one():
    tokens = Analyzer(AnalysisSettings(dictionary=["学x"])).analyse("大学x")
    columns = zip(tokens.terms, tokens.starts, tokens.ends, tokens.positions, strict=True)
    assert list(columns) == [("大学", 0, 2, 0), ("学x", 1, 3, 1), ("x", 2, 3, 2)]


@given(st.text(alphabet="甲乙a b.", max_size=12), st.sets(st.text(alphabet="甲乙a.", min_size=1), max_size=5))
def test_words_are_found_where_they_stand_and_do_not_overlap(text, listed):
    spans = list(Dictionary(listed).find(text))
    assert all(text[start:end] in listed for start, end in spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


@given(
    st.text(alphabet="今天气真好学习", max_size=12), st.lists(st.text(alphabet="今天气真好学习", min_size=1))
)
def test_chinese_words_join_to_the_text(text, dictionary):
    assert "".join(words(text, *dictionary)) == fold(text).text


@pytest.mark.parametrize("dictionary", [[""], ["two words"], ["x" * 65], ["x"] * 100_001])
def test_what_is_no_word_is_refused(dictionary):
    with pytest.raises(ValidationError, match="dictionary"):
        AnalysisSettings(dictionary=dictionary)


def test_the_fingerprint_names_the_dictionary():
    plain, one, same, other = (
        Analyzer(AnalysisSettings(dictionary=each)).fingerprint()
        for each in ([], ["甲", "乙"], ["乙", "甲"], ["甲"])
    )
    assert one == same
    assert len({plain, one, other}) == 3
