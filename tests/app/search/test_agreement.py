"""How alike two lists are, by hand and by a plain transcription of the definition."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from app.search.agreement import agreements, only_in, rank_biased_overlap

lists = st.lists(st.sampled_from("abcdefghij"), unique=True)


def test_rank_biased_overlap_worked_example() -> None:
    # Overlap at depth 1: 0 of 1, at depth 2: 2 of 2; (0.1 / 0.9) · (0 + 0.81) + 0.81 = 0.9
    assert rank_biased_overlap("ab", "ba") == pytest.approx(0.9)
    assert rank_biased_overlap("ab", "cd") == 0.0


@given(lists)
def test_equal_lists_overlap_wholly(one: list[str]) -> None:
    assert rank_biased_overlap(one, one) == 1.0


@given(lists, lists)
def test_overlap_is_symmetric_and_within_its_range(one: list[str], other: list[str]) -> None:
    assert rank_biased_overlap(one, other) == rank_biased_overlap(other, one)
    assert 0.0 <= rank_biased_overlap(one, other) <= 1.0


@given(lists, st.floats(0.5, 0.95))
def test_of_lists_of_one_length_it_is_the_series_with_its_last_agreement_for_ever(
    one: list[str], p: float
) -> None:
    other = list(reversed(one))
    shares = [len({*one[:d]} & {*other[:d]}) / d for d in range(1, len(one) + 1)]
    endless = shares + shares[-1:] * 2_000
    series = math.fsum((1 - p) * p**depth * share for depth, share in enumerate(endless))
    assert rank_biased_overlap(one, other, p) == pytest.approx(series if one else 1.0, abs=1e-9)


def test_an_early_swap_costs_more_than_a_late_one() -> None:
    assert rank_biased_overlap("abcdef", "bacdef") < rank_biased_overlap("abcdef", "abcdfe")


def test_pairs_are_told_with_what_they_share_and_in_which_order() -> None:
    one, two, three = agreements({"a": ["1", "2", "3", "4"], "b": ["3", "2", "5"], "c": []})
    assert (one.one, one.other, one.shared, one.overlap) == ("a", "b", 2, 2 / 5)
    assert one.tau == -1.0  # 2 before 3, then 3 before 2
    assert (two.shared, two.overlap, two.rbo, two.tau) == (0, 0.0, 0.0, None)
    assert three.other == "c"


@given(st.permutations(range(12)), st.integers(2, 12))
def test_tau_is_that_of_scipy(order: list[int], n: int) -> None:
    one, other = [f"{place}" for place in sorted(order[:n])], [f"{place}" for place in order[:n]]
    [told] = agreements({"a": one, "b": other})
    assert told.tau == pytest.approx(kendalltau(range(n), [other.index(key) for key in one]).statistic)


def test_tau_counts_pairs_in_the_same_order_less_those_in_the_other() -> None:
    [told] = agreements({"a": list("abcd"), "b": list("abdc")})
    assert told.tau == pytest.approx((5 - 1) / 6)


def test_two_empty_lists_agree() -> None:
    [told] = agreements({"a": [], "b": []})
    assert (told.overlap, told.rbo, told.tau) == (1.0, 1.0, None)


def test_what_only_one_list_holds_stands_in_its_order() -> None:
    assert only_in({"a": ["3", "1", "2"], "b": ["1", "9"], "c": []}) == {"a": ["3", "2"], "b": ["9"], "c": []}
