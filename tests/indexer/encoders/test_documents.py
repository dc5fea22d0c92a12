"""Documents as vectors: their fields as one text, or each for itself."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.encoders import DocumentEncoder
from indexer.encoders.static import StaticVectors
from indexer.encoders.words import WordVectors
from indexer.types import Document
from tests.indexer.encoders.corpora import analyse

WORDS = WordVectors(["a", "b", "c"], np.array([[1, 0], [0, 1], [3, 4]], np.float32))
ENCODER = StaticVectors("word2vec", WORDS, np.ones(3, np.float32), {}, analyse, {})
FIELDS = ["title", "text"]


def encode(weights, title, text):
    return DocumentEncoder(ENCODER, FIELDS, weights).encode(Document("1", {"title": title, "text": text}))


def test_worked_example():
    """As one text `a`, `b b` is (1, 2)/√5. With the title at 3 it is 3·(1, 0) + 1·(0, 1), at length 1."""
    as_one, weighted = encode(None, "a", "b b"), encode({"title": 3, "text": 1}, "a", "b b")
    assert as_one.vector is not None
    assert weighted.vector is not None
    assert as_one.vector.tolist() == pytest.approx([1 / sqrt(5), 2 / sqrt(5)])
    assert weighted.vector.tolist() == pytest.approx([3 / sqrt(10), 1 / sqrt(10)])
    assert [each.weight for each in weighted.tokens["text"]] == pytest.approx([0.5 / sqrt(10)] * 2)


def test_a_field_that_is_not_named_does_not_count():
    only = encode({"text": 1}, "a z", "b y")
    assert only.vector is not None
    assert only.vector.tolist() == [0, 1]
    assert list(only.tokens) == ["text"]
    assert only.oov == ["y"]


def test_offsets_are_those_in_the_field():
    for weights in (None, {"title": 1.0, "text": 1.0}):
        found = encode(weights, "a  z", "b a")
        assert [(each.term, each.start, each.end) for each in found.tokens["title"]] == [
            ("a", 0, 1),
            ("z", 3, 4),
        ]
        assert [(each.term, each.start, each.end) for each in found.tokens["text"]] == [
            ("b", 0, 1),
            ("a", 2, 3),
        ]
        assert found.oov == ["z"]


def test_nothing_known_has_no_vector():
    for weights in (None, {"title": 1.0}):
        assert encode(weights, "z", "y").vector is None


TEXTS = st.lists(st.sampled_from(["a", "b", "c", "z"]), max_size=5).map(" ".join)


@given(
    documents=st.lists(st.tuples(TEXTS, TEXTS), max_size=6),
    weights=st.sampled_from([None, {"title": 2.5, "text": 0.1}, {"text": 7.0}, {"text": 1.0, "title": 0.3}]),
)
def test_rows_are_the_bytes_of_each_document_alone_and_tokens_add_up_to_them(documents, weights):
    encoder = DocumentEncoder(ENCODER, FIELDS, weights)
    rows = encoder.rows([[title.split(), text.split()] for title, text in documents])
    found = [encoder.encode(Document("1", {"title": title, "text": text})) for title, text in documents]
    assert rows.positions.tolist() == [place for place, each in enumerate(found) if each.vector is not None]
    for place, row in zip(rows.positions.tolist(), rows.vectors, strict=True):
        vector = found[place].vector
        assert vector is not None
        assert vector.tobytes() == row.tobytes()
        every = [each for tokens in found[place].tokens.values() for each in tokens if each.known]
        total = sum(each.weight * each.vector.astype(np.float64) for each in every if each.vector is not None)
        np.testing.assert_allclose(total, row, atol=1e-6)


@given(
    counts=st.lists(st.integers(0, 3), min_size=1, max_size=3),
    weights=st.lists(st.floats(0.1, 3), min_size=3, max_size=3),
    seed=st.integers(0, 99),
)
def test_a_document_of_several_fields_has_the_rows_of_the_longest(counts, weights, seed):
    """Each is the sum, by weight, of one of them and the middle of every other field, at length 1."""
    rng = np.random.default_rng(seed)
    fields = [rng.normal(size=(count, 2)).astype(np.float32) for count in counts]
    names = [f"field{number}" for number in range(len(counts))]
    weighted = dict(zip(names, weights, strict=False))
    found = DocumentEncoder(ENCODER, names, weighted).text_rows([names], lambda _: fields)
    longest = counts.index(max(counts))
    assert found.positions.tolist() == [0] * max(counts)
    for row, vector in enumerate(found.vectors):
        total = weights[longest] * fields[longest][row].astype(np.float64)
        for place, each in enumerate(fields):
            if place != longest and len(each):
                total = total + weights[place] * each.astype(np.float64).mean(axis=0)
        np.testing.assert_allclose(vector, total / np.linalg.norm(total), atol=1e-5)
