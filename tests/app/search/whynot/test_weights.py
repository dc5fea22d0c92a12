"""The weight that brings a document among the first hits, against every weight tried."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.fusion import FUSIONS, NORMALIZATIONS, FusionSettings, fuse
from app.search.whynot.way import place_of
from app.search.whynot.weights import MOST_WEIGHT, Interval, intervals
from indexer.types import SCORE_UNIT, Ranking
from tests.suites.test_fusions import ranking

WEIGHTS = np.concatenate([np.geomspace(1e-3, 1e-1, 4), np.linspace(0.11, 3, 12), np.geomspace(3.1, 999, 5)])
ROUNDING = 2**14
"""Of scores, in units of 2⁻⁴⁰, at weights up to 1,000."""


def test_worked_example():
    """d0 has 1 of `a`; d1 has ½ of `a` and 1 of `b`: they cross where 1 = ½ + w, so d1 is first above ½."""
    unit = SCORE_UNIT
    lists = {
        "a": Ranking(np.array([0, 1, 2], np.int32), np.array([2 * unit, unit, 0])),
        "b": Ranking(np.array([1, 2], np.int32), np.array([unit, 0])),
    }
    settings = FusionSettings(method="linear", weights={"a": 1, "b": 0.1})
    assert intervals(lists, settings, "b", 1, 1) == [Interval(0.5, MOST_WEIGHT)]
    assert intervals(lists, settings, "b", 0, 1) == [Interval(0.0, 0.5)]
    assert intervals(lists, settings, "b", 2, 1) == []
    assert intervals(lists, settings, "b", 7, 1) == []
    assert Interval(0.5, MOST_WEIGHT).nearest(0.1) == 0.501
    assert Interval(0.0, 0.5).nearest(0.7) == 0.499


@pytest.mark.parametrize(
    ("interval", "weight", "found"),
    [
        ((0.2, 0.4), 0.3, 0.3),
        ((0.0, 0.00012), 1.0, 0.000119),
        ((1.0, 1.00001), 0.5, 1.000001),
        ((0.73126, 2.0), 0.3, 0.732),
        ((12.0, 900.0), 950.0, 899.0),
    ],
)
def test_a_weight_is_said_in_few_digits(interval, weight, found):
    assert Interval(*interval).nearest(weight) == pytest.approx(found, rel=1e-12)


lists = st.builds(
    ranking,
    st.dictionaries(st.integers(0, 9), st.integers(-(2**24), 2**24), min_size=1, max_size=8),
    st.booleans(),
)


@pytest.mark.parametrize("method", FUSIONS)
@given(
    rankings=st.fixed_dictionaries({"a": lists, "b": lists}, optional={"c": lists}),
    normalization=st.sampled_from(list(NORMALIZATIONS)),
    limit=st.integers(1, 4),
    ordinal=st.integers(0, 9),
)
def test_inside_of_the_intervals_it_is_a_first_hit_and_outside_it_is_none(
    method, rankings, normalization, limit, ordinal
):
    settings = FusionSettings(method=method, normalization=normalization, weights={"b": 0.3})
    found = intervals(rankings, settings, "a", ordinal, limit)
    for weight in WEIGHTS.tolist():
        fused = fuse(rankings, settings.model_copy(update={"weights": {"a": weight, "b": 0.3}}))
        place = place_of(fused.ordinals, ordinal)
        if place is None:
            assert found == []
            continue
        others = np.delete(fused.scores, place) - fused.scores[place]
        if any(low * (1 + 1e-6) < weight < high * (1 - 1e-6) for low, high in found):
            assert np.count_nonzero(others > ROUNDING) < limit
        elif not any(low * (1 - 1e-6) <= weight <= high * (1 + 1e-6) for low, high in found):
            assert np.count_nonzero(others >= -ROUNDING) >= limit
