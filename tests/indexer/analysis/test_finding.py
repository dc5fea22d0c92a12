"""Terms are found in a text where analysing it would see them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import VIEWS, Analyzer, Found, fold
from indexer.types import AnalysisSettings

ANALYZER = Analyzer(AnalysisSettings(dictionary=["机器学习", "T恤", "欢的"]))
PIECES = [
    *"猫 貓 喜欢 歡 机器 機器學習 学 习 的 。 a b run running runs dying c++ node.js x.y".split(),
    *["T恤", "t恤", "é", "ﬁ", "１", "_", "-", " ", "\n", "\u0301", "\u200b", "привет"],
]
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=20).map("".join))


def analysed(text: str, terms: dict[str, set[str]]) -> list[Found]:
    """The same by analysing the whole text in each view."""
    found = []
    for view, wanted in terms.items():
        tokens = ANALYZER.analyse(text, view)
        columns = zip(tokens.starts, tokens.ends, tokens.terms, strict=True)
        found += [Found(start, end, view, term) for start, end, term in columns if term in wanted]
    return sorted(found)


@given(TEXTS, TEXTS, st.data())
def test_found_is_what_the_analysis_has(text: str, other: str, data: st.DataObject) -> None:
    terms = {}
    for view in VIEWS:
        known = sorted({*ANALYZER.analyse(text, view).terms, *ANALYZER.analyse(other, view).terms, "", "ab"})
        terms[view] = data.draw(st.sets(st.sampled_from(known)))
    assert ANALYZER.finder(terms).find(fold(text)) == analysed(text, terms)


@pytest.mark.parametrize(
    ("view", "term", "text", "expected"),
    [
        ("words", "run", "He RUNS; running, run-down, rung", ["RUNS", "running", "run"]),
        ("words", "机器", "機器與机器人", ["機器"]),  # 机器人 is a word of its own
        ("characters", "机", "機器與机器人", ["機", "机"]),
        ("bigrams", "器学", "機器學習", ["器學"]),
        ("words", "café", "", []),
        ("words", "cafe", "Ｃａｆé cafe\u0301s", ["Ｃａｆé", "cafe\u0301s"]),
        ("words", "node.js", "Node.js, node js", ["Node.js"]),
        ("words", "js", "Node.js, node js", ["js", "js"]),
        ("words", "t恤", "一件Ｔ恤", ["Ｔ恤"]),
        ("characters", "和", "㍼和", ["㍼", "和"]),  # one character for 昭和
        ("word_bigrams", "machin learn", "Machines -- learning machine", ["Machines -- learning"]),
    ],
)
def test_terms_are_found_as_they_are_written(view: str, term: str, text: str, expected: list[str]) -> None:
    found = ANALYZER.finder({view: {term}}).find(fold(text))
    assert [text[each.start : each.end] for each in found] == expected
