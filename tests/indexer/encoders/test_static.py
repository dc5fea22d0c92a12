from math import sqrt

import numpy as np
import pytest

from indexer.encoders.static import StaticVectors
from indexer.encoders.words import WordVectors
from indexer.errors import InputError, MismatchError
from tests.indexer.encoders.corpora import analyse


def static(vocabulary, vectors, weights):
    words = WordVectors(vocabulary, np.array(vectors, np.float32))
    return StaticVectors("word2vec", words, np.array(weights, np.float32), {}, analyse, {})


def test_worked_example():
    """猫 is (1, 0) and weighs 1, 狗 is (0, 1) and weighs 2: `猫 狗 狗` sums to (1, 4), of length √17."""
    encoding = static(["猫", "狗"], [[1, 0], [0, 1]], [1, 2]).encode(["猫 狗 鱼 狗"])[0]
    assert encoding.vector is not None
    assert encoding.vector.tolist() == pytest.approx([1 / sqrt(17), 4 / sqrt(17)])
    assert [each.weight for each in encoding.tokens] == pytest.approx(
        [1 / sqrt(17), 2 / sqrt(17), 0, 2 / sqrt(17)]
    )
    assert [each.known for each in encoding.tokens] == [True, True, False, True]
    assert list(encoding.oov) == ["鱼"]


def test_the_shares_of_the_tokens_add_up_to_the_cosine():
    encoder = static(["a", "b", "c"], [[1, 2], [3, -1], [0.5, 0.5]], [1, 2, 3])
    query, document = encoder.encode(["a b b", "c a"])
    assert query.vector is not None
    assert document.vector is not None
    shares = [each.weight * float(each.vector @ document.vector) for each in query.tokens if each.known]
    assert sum(shares) == pytest.approx(float(query.vector @ document.vector), abs=1e-6)


def test_words_that_cancel_each_other_give_no_vector():
    encoder = static(["up", "down"], [[1, 0], [-1, 0]], [1, 1])
    encoding = encoder.encode(["up down"])[0]
    assert encoding.vector is None
    assert [each.known for each in encoding.tokens] == [True, True]
    assert len(encoder.encode_terms([["up", "down"], ["up"]]).vectors) == 1


def test_the_order_of_the_words_does_not_change_a_byte():
    rng = np.random.default_rng(3)
    names = [str(number) for number in range(30)]
    encoder = static(names, rng.normal(size=(30, 20)), rng.random(30))
    shuffled = [rng.permutation(names).tolist() for _ in range(20)]
    assert len({vector.tobytes() for vector in encoder.encode_terms(shuffled).vectors}) == 1


def test_very_small_vectors_still_have_a_direction():
    encoding = static(["a"], [[3e-30, 4e-30]], [1]).encode(["a"])[0]
    assert encoding.vector is not None
    assert encoding.vector.tolist() == pytest.approx([0.6, 0.8])


def test_parts_that_do_not_fit_together_are_refused():
    with pytest.raises(MismatchError, match="2 words"):
        static(["a", "b"], [[1, 0]], [1])
    with pytest.raises(MismatchError, match="twice"):
        static(["a", "a"], [[1, 0], [0, 1]], [1, 1])


def test_a_vocabulary_keeps_odd_terms(tmp_path):
    terms = ["", "\r", "\u2028", "\x85", "𠮷", "a b"]
    encoder = static(terms, np.eye(6), np.ones(6))
    encoder.save(tmp_path)
    assert StaticVectors.load("word2vec", tmp_path, analyse).words.words == terms


def test_a_term_with_a_line_break_is_refused(tmp_path):
    with pytest.raises(InputError, match="line break"):
        static(["a\nb"], [[1, 0]], [1]).save(tmp_path)


def test_weights_that_are_not_those_saved_are_refused(tmp_path):
    static(["a", "b"], [[1, 0], [0, 1]], [1, 2]).save(tmp_path / "one")
    static(["a", "b"], [[1, 0], [0, 1]], [1, 3]).save(tmp_path / "two")
    (tmp_path / "two" / "weights.npy").replace(tmp_path / "one" / "weights.npy")
    with pytest.raises(MismatchError, match="fingerprint"):
        StaticVectors.load("word2vec", tmp_path / "one", analyse)
