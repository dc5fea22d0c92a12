"""Folding: one form for what differs only in case, width, accents or script variant."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import fold
from indexer.analysis.folding import fold_all


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Straße", "strasse"),
        ("ＧＰＴ－４", "gpt-4"),
        ("機器學習", "机器学习"),
        ("Café naïve", "cafe naive"),
        ("e\u0301te\u0301", "ete"),
        ("ﬁne ㎏ ½", "fine kg 1⁄2"),
        ("co\u00adop\u200b", "coop"),
        ("が か\u3099", "が が"),
        ("İ", "i"),
        ("Ångström", "angstrom"),
        ("", ""),
    ],
)
def test_folding_gives_one_form(text, folded):
    assert fold(text).text == folded


def test_offsets_of_a_ligature_are_those_of_the_whole_ligature():
    folded = fold("aﬁb")
    assert folded.text == "afib"
    assert [(folded.start(i), folded.end(i + 1)) for i in range(4)] == [(0, 1), (1, 2), (1, 2), (2, 3)]


def test_a_traditional_character_folds_alike_in_every_phrase():
    """OpenCC's phrase table keeps 乾 in 乾隆 and turns it to 干 in 餅乾; folding knows no phrases."""
    assert fold("乾隆").text[0] == fold("餅乾").text[1]


@given(st.text())
def test_folding_is_idempotent(text):
    once = fold(text).text
    assert fold(once).text == once


@given(st.lists(st.text()))
def test_texts_fold_together_as_they_fold_alone(texts):
    assert fold_all(texts) == [fold(text) for text in texts]


@given(st.text())
def test_compatible_texts_fold_alike(text):
    composed = unicodedata.normalize("NFC", text)
    decomposed = unicodedata.normalize("NFD", composed)
    assert fold(composed).text == fold(decomposed).text


@given(st.text())
def test_offsets_ascend_and_stay_inside_the_text(text):
    folded = fold(text)
    starts = [folded.start(i) for i in range(len(folded.text))]
    ends = [folded.end(i + 1) for i in range(len(folded.text))]
    assert starts == sorted(starts)
    assert ends == sorted(ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(starts, ends, strict=True))
