"""Distances against the table of the textbook, and the scan against each pair by itself."""

from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.spelling.distances import EASY, FIRST, Scan, distance

WORDS = st.text("abcé", max_size=7)


def edits(one, other):
    """The optimal string alignment distance, by its definition."""

    @cache
    def between(i, j):
        if min(i, j) == 0:
            return i + j
        found = [between(i - 1, j) + 1, between(i, j - 1) + 1]
        found.append(between(i - 1, j - 1) + (one[i - 1] != other[j - 1]))
        if min(i, j) > 1 and one[i - 2 : i] == other[j - 2 : j][::-1]:
            found.append(between(i - 2, j - 2) + 1)
        return min(found)

    return between(len(one), len(other))


@given(WORDS, WORDS, st.integers(0, 4))
@example("ca", "abc", 3)  # 3, not 2: no letter is edited twice
@example("", "", 0)
def test_the_distance_is_that_of_its_definition(one, other, most):
    found, cost = distance(one, other, most)
    assert found == min(edits(one, other), most + 1)
    assert cost <= edits(one, other) + FIRST + 1e-9
    assert cost >= edits(one, other) * EASY - 1e-9


@given(st.lists(WORDS.filter(bool), unique=True, max_size=20), WORDS.filter(bool), st.integers(1, 2))
def test_a_scan_finds_the_near_words_and_no_other(listed, word, most):
    near = Scan(listed).near(word, most)
    found = {listed[place]: (int(d), float(c)) for place, d, c in zip(*near, strict=True)}
    assert len(found) == len(near.places)
    assert found == {each: distance(word, each, most) for each in listed if edits(word, each) <= most}


@pytest.mark.parametrize(
    ("written", "meant", "cost"),
    [
        ("recall", "recall", 0),
        ("recal", "recall", EASY),  # a letter that is doubled
        ("recalll", "recall", EASY),
        ("reacll", "recall", EASY),  # two exchanged
        ("rwcall", "recall", EASY),  # the key beside
        ("racall", "recall", EASY),  # a vowel for a vowel
        ("rekall", "recall", 1),
        ("recxall", "recall", 1),
        ("ecall", "recall", 1 + FIRST),
        ("tecall", "recall", EASY + FIRST),
        ("rékall", "recall", 2),
    ],
)
def test_easy_edits_cost_less_and_the_first_letter_more(written, meant, cost):
    assert distance(written, meant, 3)[1] == pytest.approx(cost)


def test_a_scan_of_nothing_finds_nothing():
    assert [len(each) for each in Scan([]).near("word", 2)] == [0, 0, 0]


@pytest.mark.parametrize("word", ["a", "abcdefghij" * 10])
def test_a_word_shorter_or_longer_than_all_others_is_near_to_none(word):
    assert len(Scan(["words"]).near(word, 2).places) == 0
