"""Laws of every fusion: each method in FUSIONS, with each normalisation that it may use."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.fusion import FUSIONS, NORMALIZATIONS, Fused, FusionSettings, fuse
from indexer.types import Ranking

FUSION_CASES = [
    FusionSettings(method=method, normalization=normalization, weights={"a": 0.3})
    for method in FUSIONS
    for normalization in (["minmax"] if method == "rrf" else NORMALIZATIONS)
]
every_fusion = pytest.mark.parametrize(
    "settings", FUSION_CASES, ids=lambda each: f"{each.method}-{each.normalization}"
)


def ranking(hits: dict[int, int], has_least: bool) -> Ranking:
    """The hits (ordinal → score) by falling score, then ordinal; with a least score, or without."""
    ordered = sorted(hits, key=lambda ordinal: (-hits[ordinal], ordinal))
    scores = [hits[ordinal] for ordinal in ordered]
    least = min(scores, default=0) - 7 if has_least else None
    return Ranking(np.array(ordered, np.int32), np.array(scores, np.int64), least)


scores = st.one_of(st.integers(-3, 3), st.integers(-(2**36), 2**36))  # many ties, and few
lists = st.builds(ranking, st.dictionaries(st.integers(0, 15), scores, max_size=8), st.booleans())
several = st.fixed_dictionaries({"a": lists}, optional={"b": lists, "c": lists})


def same(one: Fused, other: Fused) -> bool:
    """Equal hits, scores and parts, whatever the order of the parts."""
    return (
        one.ordinals.tolist() == other.ordinals.tolist()
        and one.scores.tolist() == other.scores.tolist()
        and all(
            one.parts[name].contributions.tolist() == other.parts[name].contributions.tolist()
            and one.parts[name].ranks.tolist() == other.parts[name].ranks.tolist()
            for name in one.parts.keys() & other.parts.keys()
        )
    )


@every_fusion
@given(rankings=several)
def test_contributions_sum_exactly_to_the_score(
    settings: FusionSettings, rankings: dict[str, Ranking]
) -> None:
    fused = fuse(rankings, settings)
    contributions = [each.contributions for each in fused.parts.values()]
    assert np.sum(contributions, axis=0, dtype=np.int64).tolist() == fused.scores.tolist()
    assert [fused.value(score) * 2**40 for score in fused.scores] == fused.scores.tolist()


@every_fusion
@given(rankings=several)
def test_every_hit_stands_once_by_score_then_ordinal(
    settings: FusionSettings, rankings: dict[str, Ranking]
) -> None:
    fused = fuse(rankings, settings)
    assert set(fused.ordinals.tolist()) == {int(o) for each in rankings.values() for o in each.ordinals}
    keys = list(zip((-fused.scores).tolist(), fused.ordinals.tolist(), strict=True))
    assert all(one < other for one, other in pairwise(keys))
    assert fused.scores.dtype == np.int64
    assert fused.ordinals.dtype == np.int32
    assert (fused.scores >= 0).all()


@every_fusion
@given(rankings=several)
def test_ranks_and_scores_are_those_of_the_lists(
    settings: FusionSettings, rankings: dict[str, Ranking]
) -> None:
    fused = fuse(rankings, settings)
    for name, part in fused.parts.items():
        places = {int(ordinal): place for place, ordinal in enumerate(rankings[name].ordinals)}
        for hit, ordinal in enumerate(fused.ordinals.tolist()):
            if ordinal in places:
                assert part.ranks[hit] == places[ordinal] + 1
                assert part.scores[hit] == rankings[name].scores[places[ordinal]]
            else:
                assert part.ranks[hit] == part.scores[hit] == part.contributions[hit] == 0


@every_fusion
@given(rankings=several)
def test_the_order_of_the_lists_does_not_matter(
    settings: FusionSettings, rankings: dict[str, Ranking]
) -> None:
    backwards = dict(reversed(rankings.items()))
    assert same(fuse(rankings, settings), fuse(backwards, settings))


@every_fusion
@given(rankings=several)
def test_an_empty_list_changes_nothing(settings: FusionSettings, rankings: dict[str, Ranking]) -> None:
    assert same(fuse(rankings, settings), fuse({**rankings, "empty": Ranking.empty()}, settings))


@every_fusion
@given(only=lists)
def test_a_single_list_keeps_its_order_but_for_new_ties(settings: FusionSettings, only: Ranking) -> None:
    fused = fuse({"a": only}, settings)
    assert [score_of(fused, ordinal) for ordinal in only.ordinals] == fused.scores.tolist()


@every_fusion
@given(rankings=several, places=st.tuples(st.integers(0, 7), st.integers(0, 7)))
def test_a_better_rank_never_lowers_the_score(
    settings: FusionSettings, rankings: dict[str, Ranking], places: tuple[int, int]
) -> None:
    before = rankings["a"]
    better, worse = sorted(places)
    if worse >= len(before.ordinals):
        return
    swapped = before.ordinals.copy()
    swapped[[better, worse]] = before.ordinals[[worse, better]]
    risen = int(before.ordinals[worse])
    after = fuse({**rankings, "a": Ranking(swapped, before.scores, before.least)}, settings)
    assert score_of(after, risen) >= score_of(fuse(rankings, settings), risen)


def score_of(fused: Fused, ordinal: int | np.int32) -> int:
    """The fused score of a document."""
    return int(fused.scores[fused.ordinals == ordinal][0])
