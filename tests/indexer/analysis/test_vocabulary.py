"""Numbers of terms: in order of first occurrence, whatever their bytes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import Vocabulary

TERMS = st.one_of(st.text(min_size=1), st.text(alphabet="a\0", min_size=1))


def test_terms_are_numbered_as_they_are_met():
    vocabulary = Vocabulary()
    assert vocabulary.number_all(["猫", "a", "猫", "state-of-the-art", "a"]).tolist() == [0, 1, 0, 2, 1]
    assert vocabulary.number_all(["b", "猫"]).tolist() == [3, 0]
    assert [vocabulary.term(number) for number in range(len(vocabulary))] == [
        "猫",
        "a",
        "state-of-the-art",
        "b",
    ]
    assert vocabulary.heap.tobytes() == "猫astate-of-the-artb".encode()
    assert vocabulary.begins.tolist() == [0, 3, 4, 20, 21]


@given(st.lists(st.lists(TERMS)))
def test_numbers_are_those_of_a_table_of_strings(batches):
    vocabulary = Vocabulary()
    met: dict[str, int] = {}
    for terms in batches:
        assert vocabulary.number_all(terms).tolist() == [met.setdefault(term, len(met)) for term in terms]
    assert vocabulary.terms() == list(met)


def test_a_vocabulary_grows_in_terms_and_in_bytes():
    vocabulary = Vocabulary()
    terms = [f"{'x' * (number % 50)}{number}" for number in range(10_000)]
    assert np.array_equal(vocabulary.number_all(terms), np.arange(10_000))
    assert np.array_equal(
        vocabulary.number_all(["long" * 100_000, *reversed(terms)])[1:], np.arange(10_000)[::-1]
    )
    assert vocabulary.terms(9_999) == [terms[-1], "long" * 100_000]
