"""Worked examples of every weighting, on the two documents of the text book:

猫 喜欢 鱼          N = 2, avgdl = 3.5
狗 不 喜欢 鱼       df: 猫 1, 狗 1, 不 1, 喜欢 2, 鱼 2
"""

from math import log

import numpy as np
import pytest

from indexer.errors import UnknownNameError
from indexer.weighting import TermStatistics, WeightingParameters, weighting

AVG = 3.5
DEFAULTS = WeightingParameters()
RARE = TermStatistics(n_docs=2, df=1, avg_len=AVG, cf=1, total_len=7)  # 猫, 狗, 不
COMMON = TermStatistics(n_docs=2, df=2, avg_len=AVG, cf=2, total_len=7)  # 喜欢, 鱼


def weigh(kind, variant, stats, tf=1, doc_len=3, given=DEFAULTS):
    one = weighting(kind, variant).weigh(np.array([float(tf)]), np.array([float(doc_len)]), stats, given)
    return float(one[0])


NORM = 1.2 * (1 - 0.75 + 0.75 * 3 / AVG)  # k1·(1 − b + b·|d|/avgdl) of the first document


@pytest.mark.parametrize(
    ("kind", "variant", "of_cat", "of_fish"),
    [
        ("bow", "count", 1.0, 1.0),
        ("bow", "binary", 1.0, 1.0),
        ("tfidf", "classic", 1 / 3 * log(2 / 2), 1 / 3 * log(2 / 3)),
        ("tfidf", "smooth", log(3 / 2) + 1, log(3 / 3) + 1),
        ("bm25", "lucene", log(1 + 1.5 / 1.5) / (1 + NORM), log(1 + 0.5 / 2.5) / (1 + NORM)),
        ("bm25", "robertson", log(1.5 / 1.5) * 2.2 / (1 + NORM), log(0.5 / 2.5) * 2.2 / (1 + NORM)),
        ("bm25", "atire", log(2 / 1) * 2.2 / (1 + NORM), log(2 / 2) * 2.2 / (1 + NORM)),
        ("bm25", "bm25+", log(3 / 1) * (1 + 2.2 / (1 + NORM)), log(3 / 2) * (1 + 2.2 / (1 + NORM))),
        (
            "bm25",
            "bm25l",
            log(3 / 1.5) * 2.2 * (1.2 / NORM + 0.5) / (1.2 + 1.2 / NORM + 0.5),
            log(3 / 2.5) * 2.2 * (1.2 / NORM + 0.5) / (1.2 + 1.2 / NORM + 0.5),
        ),
        ("lm", "dirichlet", log(1 + 1 / (2000 * 1 / 7)), log(1 + 1 / (2000 * 2 / 7))),
    ],
)
def test_worked_example(kind, variant, of_cat, of_fish):
    assert weigh(kind, variant, RARE) == pytest.approx(of_cat, abs=1e-12)
    assert weigh(kind, variant, COMMON) == pytest.approx(of_fish, abs=1e-12)


def test_a_term_in_every_document_weighs_least():
    """喜欢 and 鱼 stand in both documents, 猫 in one."""
    for kind, variant in (("tfidf", "classic"), ("tfidf", "smooth"), ("bm25", "lucene"), ("bm25", "bm25+")):
        assert weigh(kind, variant, COMMON) < weigh(kind, variant, RARE)


def test_robertson_is_negative_above_half_of_the_documents():
    assert weigh("bm25", "robertson", COMMON) < 0


def test_binary_ignores_how_often():
    assert weigh("bow", "binary", RARE, tf=7) == 1
    assert weigh("bow", "count", RARE, tf=7) == 7


def test_a_repeated_query_term_saturates():
    """(k3 + 1)·qtf / (k3 + qtf): with k3 = 8, twice counts 9·2 / 10 = 1.8; with 0, once."""
    repeat = weighting("bm25").repeat
    assert repeat(1, DEFAULTS) == 1
    assert repeat(2, DEFAULTS) == pytest.approx(1.8)
    assert repeat(5, WeightingParameters(k3=0)) == 1
    assert weighting("tfidf").repeat(5, DEFAULTS) == 5


def test_delta_has_the_default_of_its_variant():
    assert weigh("bm25", "bm25+", RARE) == weigh("bm25", "bm25+", RARE, given=WeightingParameters(delta=1.0))
    assert weigh("bm25", "bm25l", RARE) == weigh("bm25", "bm25l", RARE, given=WeightingParameters(delta=0.5))


def test_unknown_names_are_refused_with_the_known_ones():
    with pytest.raises(UnknownNameError, match="`bm25`, `bow`, `lm`, `tfidf`"):
        weighting("bm26")
    with pytest.raises(UnknownNameError, match=r"`atire`.*`bm25\+`"):
        weighting("bm25", "okapi")


def test_the_two_parts_of_the_language_model_are_the_likelihood_of_the_query():
    """log p(q|d) − log p(q|C) = Σ log((tf + μ·p) / ((|d| + μ)·p)), p = cf / total_len, of all terms."""
    mu, doc_len = 2000, 3
    length = weighting("lm").length
    assert length is not None
    parts = weigh("lm", "dirichlet", RARE, tf=1) + float(length(np.array([3.0]), 2, DEFAULTS)[0])
    p = 1 / 7  # of 猫 and of 狗 alike; the query is 猫 狗, the document 猫 喜欢 鱼
    cat = log((1 + mu * p) / ((doc_len + mu) * p))
    dog = log((0 + mu * p) / ((doc_len + mu) * p))
    assert parts == pytest.approx(cat + dog, abs=1e-12)


def test_of_many_known_names_only_some_are_told_and_the_nearest():
    error = UnknownNameError("field", "f777x", [f"f{n:03d}" for n in range(1_000)])
    assert "`f029`, 970 more. Did you mean `f777`?" in error.message
