"""What `textprism check` finds in n-grams."""

from dataclasses import replace

import numpy as np
import pytest

from indexer.completion import Ngrams, Words, faults
from tests.indexer.completion.indexes import TEXTS, ngrams_of


@pytest.fixture(scope="module")
def ngrams(tmp_path_factory):
    return ngrams_of(tmp_path_factory.mktemp("texts"), TEXTS)


def test_sound_ones_have_no_faults(ngrams):
    assert list(faults(ngrams, len(TEXTS))) == []
    assert list(faults(Ngrams.none(), 0)) == []


@pytest.mark.parametrize(
    ("array", "change", "fault"),
    [
        ("pair_words", lambda a: a[::-1], "pairs of the completion do not ascend"),
        (
            "pair_words",
            lambda a: a + 100,
            "pairs of the completion do not ascend, or are of words that do not",
        ),
        ("pair_begins", lambda a: a[::-1] - a[-1], "pairs of the completion do not ascend"),
        ("triple_words", lambda a: a - 1, "triples of the completion do not ascend"),
        ("documents", lambda a: a * 0, "words of the completion stand in no document"),
        ("pair_documents", lambda a: a + 9, "pairs of the completion stand in no document, or in more"),
        ("triple_documents", lambda a: a - 9, "triples of the completion stand in no document"),
        ("pair_preceded", lambda a: a * 0, "Pairs of the completion follow no word"),
        ("triple_counts", lambda a: a * 0, "Triples of the completion occur in more documents than times"),
        ("pair_followed", lambda a: a * 0, "more often than their pair"),
        ("discounts", lambda a: a + 1, "discounts of the completion are not between"),
        ("discounts", lambda a: a * np.nan, "discounts of the completion are not between"),
    ],
)
def test_what_is_wrong_is_told(ngrams, array, change, fault):
    harmed = change(getattr(ngrams, array))
    if array.endswith("begins"):
        harmed = np.concatenate([harmed[:-1], getattr(ngrams, array)[-1:]])
    assert any(fault in each for each in faults(replace(ngrams, **{array: harmed}), len(TEXTS)))


def test_words_that_do_not_ascend_are_told(ngrams):
    harmed = replace(ngrams, words=Words.of(list(ngrams.words)[::-1]))
    assert "The words of the completion do not ascend." in faults(harmed, len(TEXTS))
