"""Maximal marginal relevance, by hand and by the definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.fusion import FUSED_UNIT, Fused, unfused
from app.search.stages.diversity import DIVERSITY, diversify
from indexer.types import SCORE_UNIT, Ranking, Vectors


def listed(scores: list[int], ordinals: list[int] | None = None) -> Fused:
    """Hits with these scores, best first."""
    numbers = range(len(scores)) if ordinals is None else ordinals
    return unfused("bm25", Ranking(np.array(numbers, np.int32), np.array(scores, np.int64)))


def unit(rows: list[list[float]]) -> Vectors:
    vectors = np.array(rows, np.float32).reshape(len(rows), 2)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)


def test_a_copy_of_the_first_hit_falls_behind_another_one() -> None:
    hits = listed([10 * SCORE_UNIT, 9 * SCORE_UNIT, 6 * SCORE_UNIT])
    spread = diversify(hits, unit([[1, 0], [1, 0], [0, 1]]), relevance=0.5)
    # λ = 1/2: a cosine of 1 takes the best score away once. 9 − 10 · 1 = −1 is less than 6.
    assert spread.ordinals.tolist() == [0, 2, 1]
    assert [spread.value(each) for each in spread.scores] == [10.0, 6.0, -1.0]
    assert [spread.value(each) for each in spread.parts[DIVERSITY].contributions] == [0.0, 0.0, -10.0]
    assert spread.parts[DIVERSITY].scores.tolist() == [0, 0, SCORE_UNIT]


def test_a_document_without_a_vector_is_like_no_other() -> None:
    spread = diversify(listed([3, 2, 1]), unit([[0, 0], [0, 0], [0, 0]]), relevance=0.1)
    assert spread.scores.tolist() == listed([3, 2, 1]).scores.tolist()


def test_no_hits_stay_no_hits() -> None:
    assert len(diversify(listed([]), np.zeros((0, 2), np.float32), 0.5).ordinals) == 0


cases = st.lists(
    st.tuples(st.integers(-3, 50), st.lists(st.integers(-2, 2), min_size=2, max_size=2)), max_size=30
)


@given(cases, st.sampled_from([0.1, 0.5, 0.9, 1.0]))
def test_each_hit_is_the_best_of_those_left_and_scores_fall(
    hits: list[tuple[int, list[int]]], relevance: float
) -> None:
    ordered = sorted(hits, key=lambda each: -each[0])
    fused, vectors = listed([score for score, _ in ordered]), unit([list(map(float, v)) for _, v in ordered])
    spread = diversify(fused, vectors, relevance)
    assert (np.diff(spread.scores) <= 0).all()
    best = max(int(fused.scores.max(initial=0)), 0) or FUSED_UNIT
    left, above = set(range(len(ordered))), list[int]()
    for ordinal, score in zip(spread.ordinals.tolist(), spread.scores.tolist(), strict=True):
        worth = {}
        for each in left:
            likeness = max([0.0, *(float(np.dot(vectors[each], vectors[other])) for other in above)])
            worth[each] = int(fused.scores[each]) - (1 - relevance) / relevance * best * likeness
        assert score == pytest.approx(worth[ordinal], abs=best * 1e-5 / relevance)
        assert worth[ordinal] >= max(worth.values()) - best * 1e-5 / relevance
        left.remove(ordinal)
        above.append(ordinal)


@given(cases)
def test_at_relevance_1_nothing_moves(hits: list[tuple[int, list[int]]]) -> None:
    fused = listed(sorted((score for score, _ in hits), reverse=True))
    vectors = unit([list(map(float, v)) for _, v in hits]) if hits else np.zeros((0, 2), np.float32)
    assert diversify(fused, vectors, 1.0).ordinals.tolist() == fused.ordinals.tolist()


@given(cases, st.sampled_from([0.3, 0.7]))
def test_parts_sum_exactly_to_the_new_scores(hits: list[tuple[int, list[int]]], relevance: float) -> None:
    fused = listed(sorted((score for score, _ in hits), reverse=True))
    vectors = unit([list(map(float, v)) for _, v in hits]) if hits else np.zeros((0, 2), np.float32)
    spread = diversify(fused, vectors, relevance)
    total = sum((each.contributions for each in spread.parts.values()), np.zeros(len(hits), np.int64))
    assert total.tolist() == spread.scores.tolist()
