"""What a word counts in a text, and what all texts have in common."""

from math import log

import numpy as np
import pytest

from indexer.encoders.corpus import read_corpus
from indexer.encoders.pooling import common_direction, mean_weight, without_direction, word_weights
from indexer.types import no_progress

SENTENCES = [["a", "b"], ["a", "c"], ["a", "b", "c"], ["a"]]
CORPUS = read_corpus(SENTENCES, 1, no_progress)


def weights(pooling, *terms):
    return word_weights(pooling, terms, CORPUS).tolist()


def test_weights_worked_example():
    """Of 4 sentences a is in 4 and c in 2; of 8 words a is 4 and c 2. A word that is nowhere is as in one."""
    assert weights("mean", "a", "c", "z") == [1, 1, 1]
    assert weights("idf", "a", "c", "z") == pytest.approx([log(2), log(3), log(5)])
    assert weights("squared_idf", "a", "c", "z") == pytest.approx([log(2) ** 2, log(3) ** 2, log(5) ** 2])
    assert weights("sif", "a", "c", "z") == pytest.approx(
        [0.001 / (0.001 + 4 / 8), 0.001 / (0.001 + 2 / 8), 0.001 / (0.001 + 1 / 8)]
    )


def test_what_is_unknown_weighs_as_the_average_word():
    """Of the 8 words a is 4, b and c 2 each."""
    assert mean_weight("mean", CORPUS) == 1
    assert mean_weight("idf", CORPUS) == pytest.approx((4 * log(2) + 4 * log(3)) / 8)
    assert mean_weight("idf", read_corpus([], 1, no_progress)) == 1


def vectors(terms):
    """Every sentence leans towards (1, 0, 0), and differs in the other two."""
    by_word = {"a": [5.0, 0.0, 0.0], "b": [1.0, 1.0, 0.0], "c": [1.0, 0.0, 1.0], "z": [9.0, 9.0, 9.0]}
    return np.array([by_word[term] for term in terms], np.float32)


@pytest.mark.parametrize("pooling", ["squared_idf", "sif"])
def test_the_common_direction_is_that_of_the_mean_of_the_texts(pooling):
    """Independently: every text as a dense sum, at length 1, their mean at length 1."""
    terms = ["c", "z", "a", "b"]  # not in the order of the corpus, and one that it has not
    texts = []
    for sentence in SENTENCES:
        total = sum(w * v for w, v in zip(weights(pooling, *sentence), vectors(sentence), strict=True))
        texts.append(total / np.linalg.norm(total))
    mean = np.mean(texts, axis=0)
    found = common_direction(pooling, terms, vectors(terms), CORPUS)
    assert found is not None
    np.testing.assert_allclose(found, mean / np.linalg.norm(mean), atol=1e-6)
    assert found[0] > 0.8


@pytest.mark.parametrize("pooling", ["mean", "idf"])
def test_plain_means_leave_what_is_common(pooling):
    assert common_direction(pooling, ["a", "b", "c"], vectors("abc"), CORPUS) is None


def test_a_text_loses_what_its_words_lose():
    """Σ weight · vector is linear: removing from the words is removing from the text."""
    common = np.array([0.6, 0.8, 0.0], np.float32)
    words, counts = vectors("abc"), np.array([1.0, 2.0, 3.0], np.float32)
    left = without_direction(words, common)
    np.testing.assert_allclose(left @ common, 0, atol=1e-6)
    text = counts @ words
    np.testing.assert_allclose(counts @ left, text - (text @ common) * common, atol=1e-5)
    assert without_direction(words, None) is words


def test_texts_that_cancel_out_have_nothing_in_common():
    corpus = read_corpus([["up"], ["down"]], 1, no_progress)
    opposite = np.array([[0, 1], [0, -1]], np.float32)
    assert common_direction("sif", ["up", "down"], opposite, corpus) is None
    assert common_direction("sif", ["z"], np.ones((1, 2), np.float32), corpus) is None
