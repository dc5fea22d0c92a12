"""Slips in English, by worked examples."""

from math import log

import pytest

from indexer.spelling.candidates import SIMILAR
from indexer.spelling.letters import EDIT, SPACE
from tests.indexer.spelling.indexes import TEXTS, corrector_of, forms_of, mended, words

CORRECTOR = corrector_of(TEXTS)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("precison", "precision"),
        ("retreival", "retrieval"),
        ("documemts", "documents"),
        ("informatoin systms", "information systems"),
        ("machinelearning", "machine learning"),
        ("data base systems", "database systems"),
        ("machne data base", "machne database"),
    ],
)
def test_a_slip_is_mended(written, meant):
    assert mended(corrector_of([*TEXTS, "data"]), written) == meant.replace("machne", "machine")


@pytest.mark.parametrize(
    "text",
    [
        "machine learning",
        "ranked ranking ranks",  # other forms of the stem of `rank`
        "node.js GPT-4 x86_64 2024 v2",  # names and numbers
        "MCHINE",  # in capitals
        "teh ab",  # too short
        "zyzzyva",  # near to none
        "x" * 40,
        "",
        "… !",
    ],
)
def test_these_stay_as_they_are(text):
    assert mended(CORRECTOR, text) == text


def test_offsets_are_those_of_the_text_as_it_is_written():
    [first, second] = words(CORRECTOR, "ｍａｃｈｉｎｅ  préciison!")
    assert (first.text, first.start, first.end, first.known) == ("ｍａｃｈｉｎｅ", 0, 7, True)
    assert (second.text, second.start, second.end, second.known) == ("préciison", 9, 18, False)
    assert second.correction == "precision"


def test_a_score_is_the_sum_of_its_parts():
    """`recall` is 1 of the words of letters in the texts; one letter of `recal` … `l` is doubled or not."""
    forms = forms_of(["recall of recall and precision"])
    [written] = words(corrector_of(["recall of recall and precision"]), "recalx")
    [best] = written.candidates
    assert (best.text, best.distance, best.df) == ("recall", 1, 1)
    assert best.frequency == round(log(2 / 5), 4)
    assert int(forms.cf.sum()) == 5
    assert best.cost == EDIT
    assert best.similarity is None
    assert best.score == round(best.frequency - best.cost, 4)


def test_a_similarity_is_a_part_of_the_score_and_may_turn_the_order():
    corrector = corrector_of(["planes plates"])
    [plain] = words(corrector, "plaxes")
    assert [each.text for each in plain.candidates] == ["planes", "plates"]
    alike = {"planes": 0.1, "plates": 0.9}
    [written] = words(corrector, "plaxes", similarity=lambda _, other: alike[other])
    assert [each.text for each in written.candidates] == ["plates", "planes"]
    for each in written.candidates:
        assert each.similarity == alike[each.text]
        assert each.score == round(each.frequency - each.cost + SIMILAR * each.similarity, 4)


def test_a_similarity_that_is_not_known_adds_nothing():
    corrector = corrector_of(["planes plates"])
    assert words(corrector, "plaxes", similarity=lambda *_: None) == words(corrector, "plaxes")


def test_ties_go_to_the_smaller_text_and_the_limit_is_kept():
    corrector = corrector_of(["cats bats hats mats"])
    [written] = words(corrector, "xats", limit=3)
    assert [each.text for each in written.candidates] == ["cats", "bats", "hats"]  # c is beside x


def test_two_words_count_the_space_and_the_rarer_one():
    corrector = corrector_of(["river bank", "bank"])
    [written] = words(corrector, "riverbank")
    best = written.candidates[0]
    assert (best.text, best.distance, best.df, best.cost) == ("river bank", 1, 1, SPACE)
    assert best.frequency == pytest.approx(log(1 / 3) + log(2 / 3), abs=1e-4)


def test_two_known_words_stay_two():
    corrector = corrector_of(["a data base", "a database"])
    assert mended(corrector, "data base") == "data base"


def test_a_word_that_is_improbable_is_told_and_not_taken():
    """`floods` costs 6 · (1 + .4 + .8) for its first letter and for a doubled one, 16.8 with its frequency;
    five letters that no document has are as improbable as 16.5."""
    [written] = words(CORRECTOR, "blods")
    assert written.candidates[0].text == "floods"
    assert written.candidates[0].distance == 2
    assert written.correction is None


def test_words_of_the_dictionary_are_known():
    assert mended(corrector_of(TEXTS, dictionary=["precison"]), "precison") == "precison"


def test_other_scripts_are_words_of_letters():
    corrector = corrector_of(["привет мир"])
    assert mended(corrector, "превет") == "привет"
