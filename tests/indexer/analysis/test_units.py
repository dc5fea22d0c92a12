"""What texts are spelled of: units, the stems of beginnings, and the words of lists in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import analyse, beginning_stems, fold, units
from indexer.analysis.entries import Entries, spelling
from indexer.analysis.views import stem

texts = st.text() | st.text("机器学習 ＡaéC+#.-_1½한국 ")


def placed(text):
    return [(unit.view, unit.term, unit.position) for unit in units(fold(text))]


def test_a_unit_is_a_character_a_name_or_a_run_of_letters():
    assert placed("我用Node.js和 C++：cats") == [
        ("characters", "我", 0),
        ("characters", "用", 1),
        ("words", "node.js", 2),
        ("characters", "和", 4),
        ("words", "c++", 5),
        ("words", "cat", 6),
    ]


@given(texts, texts)
def test_every_unit_is_a_token_at_its_position(text, other):
    """So that a phrase stands wherever its text does, also with another text around it."""
    whole = f"{other} {text} {other}"
    for unit in units(fold(whole)):
        tokens = analyse(whole, unit.view)
        assert (unit.term, unit.position, unit.start, unit.end) in zip(
            tokens.terms, tokens.positions, tokens.starts, tokens.ends, strict=True
        )


@pytest.mark.parametrize(
    ("beginning", "word"),
    [
        ("computin", "computing"),
        ("computing", "computing"),
        ("propertie", "properties"),
        ("property", "property"),
        ("happines", "happiness"),
        ("stopp", "stopped"),
        ("runn", "running"),
        ("retrievin", "retrieving"),
        ("universit", "universities"),
        ("comput", "computer"),
    ],
)
def test_a_beginning_finds_the_stem_of_the_word(beginning, word):
    term = stem(word)
    assert term.startswith(beginning) or term in beginning_stems(beginning)


@pytest.mark.parametrize("beginning", ["机器", "node.j", "caf\u00e9", "2024", ""])
def test_other_beginnings_have_no_stems(beginning):
    assert beginning_stems(beginning) == set()


def held(text, *listed):
    """The entries that stand in a text, as they are written there."""
    words = analyse(text)
    found = Entries(map(spelling, listed)).find(fold(text), set(words.starts), set(words.ends))
    return [text[each.start : each.end] for each in found]


def test_entries_stand_from_word_to_word():
    assert held("机器学习的方法", "机器学习", "方法") == ["机器学习", "方法"]
    assert held("日本人", "本人") == []
    assert held("Machine-Learning models", "machine learning", "model") == ["Machine-Learning", "models"]
    assert held("node.js and node", "node", "node.js") == ["node.js", "node"]
    assert held("C++ c", "c") == ["c"]


def test_the_longest_entry_wins_and_then_the_first():
    assert held("deep machine learning", "machine", "machine learning", "deep machine") == ["deep machine"]
    assert held("machine learning", "machine", "machine learning") == ["machine learning"]


def test_entries_are_compared_folded():
    assert held("機器學習", "机器学习") == ["機器學習"]
    assert held("ＣＡＦÉ", "cafe") == ["ＣＡＦÉ"]


def test_an_entry_without_units_stands_nowhere():
    assert held("a!!!b", "!!!", "") == []
