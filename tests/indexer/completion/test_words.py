"""The words that may be suggested, looked up by themselves and by how they begin."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.completion import Ngrams, Words
from indexer.errors import CorruptError, MismatchError
from tests.indexer.completion.indexes import TEXTS, ngrams_of

WORDS = st.lists(st.text("ab猫ß𠀀", min_size=1, max_size=4), unique=True).map(
    lambda all: sorted(all, key=str.encode)
)


@given(WORDS, st.text("ab猫ß𠀀", max_size=3))
def test_words_are_found_by_themselves_and_by_their_beginning(every, prefix):
    words = Words.of(every)
    assert list(words) == every
    assert words.lengths.tolist() == [len(word) for word in every]
    assert [words.number(word) for word in every] == list(range(len(every)))
    assert [words[number] for number in words.beginning(prefix)] == [w for w in every if w.startswith(prefix)]
    assert (words.number(prefix) is not None) == (prefix in every)


def test_ngrams_come_back_as_they_were_written(tmp_path):
    written = ngrams_of(tmp_path, TEXTS)
    again = Ngrams.open(tmp_path / "completion")
    assert list(again.words) == list(written.words)
    assert np.array_equal(again.triple_counts, written.triple_counts)


def test_of_too_many_words_the_most_frequent_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("indexer.completion.writing.MOST_WORDS", 2)
    ngrams = ngrams_of(tmp_path, ["b a b", "a c a b " + "x" * 33])
    assert list(ngrams.words) == ["a", "b"]
    assert [ngrams.pair(0, 1), ngrams.pair(1, 0), ngrams.pair(0, 0)] == [0, 1, None]


def test_files_that_do_not_belong_together_are_told(tmp_path):
    ngrams_of(tmp_path, TEXTS)
    folder = tmp_path / "completion"
    (folder / "pair_words.npy").rename(folder / "kept.npy")
    with pytest.raises(CorruptError, match=r"pair_words\.npy"):
        Ngrams.open(folder)
    np.save(folder / "pair_words.npy", np.zeros(3, np.int32))
    with pytest.raises(MismatchError, match="do not fit together"):
        Ngrams.open(folder)
    np.save(folder / "word_begins.npy", np.zeros(3, np.int64))
    with pytest.raises(MismatchError, match="cannot be told apart"):
        Ngrams.open(folder)
