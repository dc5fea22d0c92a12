"""TF-IDF as features, beside scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer

from indexer.classification import Tfidf, joined, known
from indexer.types import Document
from tests.indexer.encoders.corpora import analyse

WORDS = st.lists(st.sampled_from("abcdef"), max_size=8).map(" ".join)


def documents(texts):
    return [Document(str(number), {"title": text[:3], "text": text}) for number, text in enumerate(texts)]


@given(st.lists(WORDS, min_size=2, max_size=8), st.lists(WORDS, min_size=1, max_size=4))
def test_weights_are_those_of_scikit_learn(texts, others):
    tfidf = Tfidf.learn(documents(texts), ["text"], analyse)
    if not tfidf.terms:
        return
    oracle = TfidfVectorizer(vocabulary=tfidf.terms, analyzer=str.split)
    oracle.fit(texts)
    found = csr_array(tfidf.features(documents(others))).toarray()
    assert found == pytest.approx(oracle.transform(others).toarray())


def test_all_fields_count_and_terms_of_one_document_do_not():
    tfidf = Tfidf.learn(documents(["a b c", "a d"]), ["title", "text"], analyse)
    assert tfidf.terms == ["a"]
    assert tfidf.idf == pytest.approx([1.0])  # ln(3 / 3) + 1
    found = tfidf.features(documents(["a", "zz"]))
    assert csr_array(found).toarray().tolist() == [[1.0], [0.0]]
    assert known(found).tolist() == [True, False]
    assert joined([found, found]).shape == (4, 1)
    assert known(np.zeros((2, 3), np.float32)).tolist() == [False, False]
