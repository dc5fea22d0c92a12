"""What a word counts in a text, and what all texts have in common."""

from math import log

import numpy as np
import pytest

from indexer.encoders.corpus import read_corpus
from indexer.encoders.pooling import squared_idf, without_common_direction
from indexer.types import no_progress


def test_squared_idf_worked_example():
    """Of 4 sentences a word is in 1: log(1 + 4/1)² = (log 5)²; in all: (log 2)², above 0."""
    assert squared_idf(np.array([1, 4]), 4).tolist() == pytest.approx([log(5) ** 2, log(2) ** 2])


def corpus_and_vectors():
    """Three words; every sentence leans towards (1, 0, 0), and differs in the other two."""
    corpus = read_corpus([["a", "b"], ["a", "c"], ["a", "b", "c"], ["a"]], 1, no_progress)
    by_word = {"a": [5.0, 0.0, 0.0], "b": [1.0, 1.0, 0.0], "c": [1.0, 0.0, 1.0]}
    return corpus, np.array([by_word[term] for term in corpus.terms], np.float32)


def test_the_common_direction_is_that_of_the_sentences_and_is_taken_from_every_word():
    corpus, vectors = corpus_and_vectors()
    weights = np.ones(3, np.float32)
    left = without_common_direction(vectors, weights, corpus)
    removed = vectors - left
    common = removed[0] / np.linalg.norm(removed[0])
    assert abs(common[0]) > 0.95
    np.testing.assert_allclose(left @ common, 0, atol=1e-6)
    np.testing.assert_allclose(removed, np.outer(vectors @ common, common), atol=1e-5)


def test_a_text_loses_what_its_words_lose():
    """Σ weight · vector is linear: removing from the words is removing from the text."""
    corpus, vectors = corpus_and_vectors()
    weights = np.array([1.0, 2.0, 3.0], np.float32)
    left = without_common_direction(vectors, weights, corpus)
    common = (vectors - left)[0] / np.linalg.norm((vectors - left)[0])
    text = weights @ vectors
    np.testing.assert_allclose(weights @ left, text - (text @ common) * common, atol=1e-5)
