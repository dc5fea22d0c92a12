"""Laws that every entry of WEIGHTINGS keeps."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indexer.weighting import WEIGHTINGS, TermStatistics, WeightingParameters

EVERY = [(kind, variant) for kind, variants in WEIGHTINGS.items() for variant in variants]
# What each declares: rises with tf, and falls with the document's length.
FLAT_IN_TF = {("bow", "binary")}
FLAT_IN_LENGTH = {("bow", "count"), ("bow", "binary"), ("tfidf", "smooth"), ("lm", "dirichlet")}
ROUNDING = 1 - 1e-12  # of float64, where a formula is constant, as BM25 is in tf for k1 = 0

statistics = st.builds(
    lambda n, share, avg, more: TermStatistics(
        n, df := max(1, round(n * share)), avg, cf := df * more, max(cf, n * avg)
    ),
    st.integers(1, 10**7),
    st.floats(0, 1),
    st.floats(0.5, 10**4),
    st.floats(1, 10),
)
parameters = st.builds(WeightingParameters, k1=st.floats(0, 5), b=st.floats(0, 1), k3=st.floats(0, 100))
counts = st.integers(1, 10**4)


def weigh(name, tf, doc_len, stats, given_):
    kind, variant = name
    return WEIGHTINGS[kind][variant].weigh(
        np.atleast_1d(np.float64(tf)), np.atleast_1d(np.float64(doc_len)), stats, given_
    )


@pytest.mark.parametrize("name", EVERY, ids="-".join)
@given(counts, counts, statistics, parameters)
def test_a_weight_is_finite_and_has_its_sign(name, tf, extra, stats, given_):
    weight = weigh(name, tf, tf + extra, stats, given_)
    assert np.isfinite(weight).all()
    kind, variant = name
    if not WEIGHTINGS[kind][variant].signed or stats.df < stats.n_docs / 2 - 1:
        assert weight[0] >= 0


@pytest.mark.parametrize("name", EVERY, ids="-".join)
@given(counts, counts, statistics, parameters)
def test_a_rare_terms_weight_does_not_fall_with_tf(name, tf, extra, stats, given_):
    assume(stats.df < stats.n_docs / 2 - 1)
    length = tf + extra + 1
    less, more = weigh(name, [tf, tf + 1], [length, length], stats, given_)
    assert more == less if name in FLAT_IN_TF else more >= less * ROUNDING


@pytest.mark.parametrize("name", EVERY, ids="-".join)
@given(counts, counts, statistics, parameters)
def test_a_rare_terms_weight_does_not_rise_with_length(name, tf, extra, stats, given_):
    assume(stats.df < stats.n_docs / 2 - 1)
    shorter, longer = weigh(name, [tf, tf], [tf + extra, tf + extra + 1], stats, given_)
    assert longer == shorter if name in FLAT_IN_LENGTH else longer * ROUNDING <= shorter


@pytest.mark.parametrize("name", EVERY, ids="-".join)
@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=20), statistics, parameters)
def test_a_document_is_weighed_alike_alone_and_among_others(name, documents, stats, given_):
    tf, extra = np.array(documents).T
    together = weigh(name, tf, tf + extra, stats, given_)
    alone = [weigh(name, t, t + e, stats, given_)[0] for t, e in documents]
    assert together.tolist() == alone


@pytest.mark.parametrize("name", EVERY, ids="-".join)
@given(counts, counts, st.integers(1, 100), parameters)
def test_what_a_length_says_is_finite_and_falls(name, shorter, extra, n_terms, given_):
    kind, variant = name
    length = WEIGHTINGS[kind][variant].length
    assert (length is not None) == (kind == "lm")
    if length is not None:
        first, second = length(np.array([float(shorter), float(shorter + extra)]), n_terms, given_)
        assert 0 >= first > second > -np.inf
