"""Weightings and rankings against independent implementations: scikit-learn, rank-bm25, bm25s."""

import random

import bm25s
import numpy as np
import pytest
import rank_bm25
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from indexer.lexical import Clause, LexicalIndex, LexicalQuery, MemoryLexical, Segment, arrays_in_memory
from indexer.types import SCORE_UNIT
from indexer.weighting import WeightingParameters, weighting

VOCABULARY = [f"w{number}" for number in range(60)]


def zipf_corpus(seed, size=80):
    """Documents of 1 to 40 words, drawn with falling frequency."""
    chance = random.Random(seed)
    weights = [1 / (rank + 1) for rank in range(len(VOCABULARY))]
    return [chance.choices(VOCABULARY, weights, k=chance.randint(1, 40)) for _ in range(size)]


def scores(corpus, terms, kind, variant, given):
    """The score of every document, 0 where it shares no term; and which share one."""
    store = MemoryLexical(["text"], ["words"])
    for number, words in enumerate(corpus):
        store.add(f"{number:04d}", {("words", "text"): [(word, place) for place, word in enumerate(words)]})
    query = LexicalQuery([Clause({"words": terms}, {"text": 1.0})], weighting(kind, variant), given)
    ranking = LexicalIndex([Segment(store, arrays_in_memory(store))]).rank(query, len(corpus))
    every = np.zeros(len(corpus))
    every[ranking.ordinals] = ranking.scores / SCORE_UNIT
    return every, np.isin(np.arange(len(corpus)), ranking.ordinals)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("variant", "method"), [("lucene", "lucene"), ("atire", "atire")])
def test_bm25_equals_bm25s(seed, variant, method):
    corpus = zipf_corpus(seed)
    terms = random.Random(seed).sample(VOCABULARY[:30], 5)
    oracle = bm25s.BM25(method=method, k1=1.7, b=0.6)
    oracle.index(corpus, show_progress=False)
    ours, _ = scores(corpus, terms, "bm25", variant, WeightingParameters(k1=1.7, b=0.6))
    np.testing.assert_allclose(ours, oracle.get_scores(terms), atol=1e-5)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("variant", "delta"), [("bm25+", 1.0), ("bm25l", 0.5)])
def test_bm25_plus_and_l_equal_bm25s_where_a_term_is_matched(seed, variant, delta):
    """bm25s adds the lower bound to documents without the term as well; here a match is a shared term."""
    corpus = zipf_corpus(seed)
    for term in VOCABULARY[:20]:
        oracle = bm25s.BM25(method=variant, k1=1.2, b=0.75, delta=delta)
        oracle.index(corpus, show_progress=False)
        ours, matched = scores(corpus, [term], "bm25", variant, WeightingParameters())
        assert matched.any()
        np.testing.assert_allclose(ours[matched], oracle.get_scores([term])[matched], atol=1e-5)
        assert not ours[~matched].any()


@pytest.mark.parametrize("seed", range(5))
def test_robertson_equals_rank_bm25_for_rare_terms(seed):
    """rank-bm25 replaces the negative idf of terms above N/2, so terms below it are compared."""
    corpus = zipf_corpus(seed)
    terms = [term for term in VOCABULARY if 0 < sum(term in words for words in corpus) < len(corpus) / 2]
    terms = random.Random(seed).sample(terms, 8)
    oracle = rank_bm25.BM25Okapi(corpus, k1=1.2, b=0.75)
    ours, _ = scores(corpus, terms, "bm25", "robertson", WeightingParameters())
    np.testing.assert_allclose(ours, oracle.get_scores(terms), atol=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_smooth_tfidf_and_bag_of_words_equal_scikit_learn(seed):
    """Ranks by the dot product with the query's counts, not normalised."""
    corpus = zipf_corpus(seed)
    terms = random.Random(seed).choices(VOCABULARY, k=6)
    vectorizer = CountVectorizer(analyzer=lambda words: words, vocabulary=VOCABULARY)
    counts = vectorizer.fit_transform(corpus)
    query = vectorizer.transform([terms]).toarray()[0]
    tfidf = TfidfTransformer(norm=None, smooth_idf=True).fit_transform(counts)
    given = WeightingParameters()
    np.testing.assert_allclose(scores(corpus, terms, "tfidf", "smooth", given)[0], tfidf @ query, atol=1e-5)
    np.testing.assert_array_equal(scores(corpus, terms, "bow", "count", given)[0], counts @ query)
    np.testing.assert_array_equal(scores(corpus, terms, "bow", "binary", given)[0], (counts > 0) @ query)
