"""Runs of characters, and the buckets that they are hashed to."""

import numpy as np
import pytest
from gensim.models.fasttext_inner import compute_ngrams_bytes, ft_hash_bytes
from hypothesis import given
from hypothesis import strategies as st

from indexer.encoders.subwords import Subwords, buckets_of

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


def bucket(ngram, n_buckets):
    return ft_hash_bytes(ngram.encode()) % n_buckets


def test_worked_example():
    ngrams = ["<猫", "<猫咪", "猫咪", "猫咪>", "咪>"]
    assert buckets_of("猫咪", 2, 3, 10**6).tolist() == [bucket(each, 10**6) for each in ngrams]
    assert buckets_of("ab", 1, 1, 10**6).tolist() == [bucket("a", 10**6), bucket("b", 10**6)]


@given(word=WORDS, shortest=st.integers(1, 6), more=st.integers(0, 4), n_buckets=st.integers(1, 2**31))
def test_they_are_those_of_the_reference(word, shortest, more, n_buckets):
    reference = compute_ngrams_bytes(word, shortest, shortest + more)
    found = buckets_of(word, shortest, shortest + more, n_buckets)
    assert found.tolist() == [ft_hash_bytes(each) % n_buckets for each in reference]


def test_the_vector_of_a_word_is_the_mean_of_its_ngrams_that_have_one():
    rows = np.full(1_000, -1, np.int32)
    rows[bucket("<a", 1_000)], rows[bucket("b>", 1_000)] = 0, 1
    subwords = Subwords(2, 2, rows, np.array([[1, 0], [0, 3]], np.float32))
    known = subwords.vector("ab")
    assert known is not None
    assert known.tolist() == pytest.approx([0.5, 1.5])
    assert subwords.vector("zzz") is None
    mixed = subwords.mixed(["ab", "zzz"], np.array([[2, 0], [5, 5]], np.float32))
    assert mixed.tolist() == [[1, 1], [5, 5]]
    assert subwords.unmixed(["ab", "zzz"], mixed).tolist() == [[2, 0], [5, 5]]
