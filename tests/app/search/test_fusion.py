"""Fusion by hand: the formulas with their numbers, the degenerate lists, the settings."""

import numpy as np
import pytest
from pydantic import BaseModel, ValidationError

from app.search.fusion import (
    FUSED_UNIT,
    Fused,
    FusionSettings,
    fuse,
    unfused,
    unranked,
)
from app.search.fusion.normalization import Normalization, arctan, distribution, minmax, theoretical, zscore
from indexer.errors import InputError, UnknownNameError
from indexer.types import SCORE_UNIT, Ranking, to_score


def ranking(hits: dict[int, float]) -> Ranking:
    """Hits in the order written: ordinal → score."""
    return Ranking(np.array(list(hits), np.int32), to_score(np.array(list(hits.values()))))


def values(fused: Fused) -> dict[int, float]:
    """Ordinal → fused score, best first."""
    return {int(each): fused.value(score) for each, score in zip(fused.ordinals, fused.scores, strict=True)}


def near(expected: dict[int, float]) -> object:
    """Equal but for the one rounding of each of two contributions."""
    return pytest.approx(expected, rel=0, abs=1 / FUSED_UNIT)


BM25 = ranking({7: 9.0, 3: 5.0, 5: 1.0})
DENSE = ranking({3: 0.8, 7: 0.6, 9: 0.4})


def test_rrf_worked_example() -> None:
    fused = fuse({"bm25": BM25, "word2vec": DENSE}, FusionSettings())
    assert values(fused) == near({3: 1 / 62 + 1 / 61, 7: 1 / 61 + 1 / 62, 5: 1 / 63, 9: 1 / 63})
    assert fused.ordinals.tolist() == [3, 7, 5, 9]  # equal scores: smaller ordinal first
    assert fused.scores[0] == fused.scores[1]
    assert fused.scores[0] == round(FUSED_UNIT / 61) + round(FUSED_UNIT / 62)


def test_rrf_multiplies_by_the_weight() -> None:
    settings = FusionSettings(k=1, weights={"bm25": 2})
    fused = fuse({"bm25": BM25, "word2vec": DENSE}, settings)
    assert values(fused) == near({7: 2 / 2 + 1 / 3, 3: 2 / 3 + 1 / 2, 5: 2 / 4, 9: 1 / 4})


def test_linear_minmax_worked_example() -> None:
    fused = fuse({"bm25": BM25, "word2vec": DENSE}, FusionSettings(method="linear"))
    bm25 = {7: 1.0, 3: (5 - 1) / (9 - 1), 5: 0.0}
    dense = {3: 1.0, 7: (0.6 - 0.4) / (0.8 - 0.4), 9: 0.0}
    expected = {7: bm25[7] + dense[7], 3: bm25[3] + dense[3], 5: bm25[5], 9: dense[9]}
    assert values(fused) == pytest.approx(expected, abs=4 / SCORE_UNIT)  # 0.8 is no multiple of 2⁻²⁰


def test_linear_zscore_worked_example() -> None:
    settings = FusionSettings(method="linear", normalization="zscore", weights={"word2vec": 0.5})
    fused = fuse({"bm25": BM25, "word2vec": DENSE}, settings)
    std = np.sqrt((4**2 + 0 + 4**2) / 3)
    bm25 = {7: (9 - 1) / std, 3: (5 - 1) / std}
    dense = {3: (9 - 1) / std, 7: (5 - 1) / std}  # the same up to scale, and a z-score has none
    expected = {7: bm25[7] + 0.5 * dense[7], 3: bm25[3] + 0.5 * dense[3], 5: 0.0, 9: 0.0}
    assert values(fused) == pytest.approx(expected, abs=16 / SCORE_UNIT)


def test_parts_tell_contribution_rank_and_score_of_each_retriever() -> None:
    fused = fuse({"bm25": BM25, "word2vec": DENSE}, FusionSettings())
    bm25, dense = fused.parts["bm25"], fused.parts["word2vec"]
    assert bm25.ranks.tolist() == [2, 1, 3, 0]
    assert dense.ranks.tolist() == [1, 2, 0, 3]
    assert bm25.scores.tolist() == [5 * SCORE_UNIT, 9 * SCORE_UNIT, SCORE_UNIT, 0]
    assert bm25.contributions[3] == 0
    assert dense.contributions[2] == 0
    assert (bm25.contributions + dense.contributions == fused.scores).all()


def test_one_retriever_far_down_does_not_tie() -> None:
    ordinals = np.arange(2_000, dtype=np.int32)
    deep = Ranking(ordinals, np.zeros(2_000, np.int64))
    fused = fuse({"bm25": deep}, FusionSettings(k=10_000))
    assert fused.ordinals.tolist() == ordinals.tolist()
    assert (np.diff(fused.scores) < 0).all()


def listed(*scores: int, least: int | None = None) -> Ranking:
    """A list with these scores, in units of 2⁻²⁰."""
    return Ranking(np.arange(len(scores), dtype=np.int32), np.array(scores, np.int64), least)


@pytest.mark.parametrize(
    ("normalize", "equal"),
    [(minmax, 1.0), (zscore, 1.0), (theoretical, 1.0), (distribution, 0.5), (arctan, 0.0)],
)
def test_where_all_scores_are_equal_every_hit_counts_the_same(normalize: Normalization, equal: float) -> None:
    assert normalize(listed()).values.tolist() == []
    assert normalize(listed(5)).values.tolist() == [equal]
    assert normalize(listed(0)).values.tolist() == [equal]
    assert normalize(listed(-3, -3, -3)).values.tolist() == [equal] * 3


@pytest.mark.parametrize("normalize", [minmax, zscore])
def test_normalizations_count_the_last_hit_as_zero(normalize: Normalization) -> None:
    assert normalize(listed(2, -1)).values[-1] == 0.0
    assert normalize(listed(2**52 + 1, 2**52)).values[0] in (1.0, 2.0)  # one apart: range 1, std 1/2


def test_a_list_of_noise_stays_alike_under_its_theoretical_minimum() -> None:
    noise = listed(102, 101, 100, least=0)
    assert theoretical(noise).values.tolist() == [1.0, 101 / 102, 100 / 102]
    assert minmax(noise).values.tolist() == [1.0, 0.5, 0.0]  # torn apart
    assert theoretical(listed(102, 101, 100)).values.tolist() == [1.0, 0.5, 0.0]  # no least is known
    assert theoretical(listed(-SCORE_UNIT, least=-SCORE_UNIT)).values.tolist() == [1.0]


def test_distribution_worked_example() -> None:
    # Scores 9, 5, 1: mean 5, std √(32/3) = 3.266; low = 5 − 9.798 = −4.798, width 19.596.
    assert distribution(listed(9, 5, 1)).values == pytest.approx(
        [(9 + 4.798) / 19.596, 0.5, (1 + 4.798) / 19.596], abs=1e-3
    )
    alone_below = listed(*[1] * 99, -(10**6))  # further down than mean − 3 std: it counts 0, not less
    assert distribution(alone_below).values[-1] == 0.0


def test_arctan_counts_a_score_alike_in_every_list() -> None:
    assert arctan(listed(SCORE_UNIT, 0, least=0)).values == pytest.approx([0.5, 0.0])  # 2/π · arctan(1) = 1/2
    assert arctan(listed(SCORE_UNIT, least=0)).values == pytest.approx([0.5])
    assert arctan(listed(0, least=-SCORE_UNIT)).values == pytest.approx(
        [0.5]
    )  # a cosine of 0 is 1 above the least


def test_combmnz_worked_example() -> None:
    fused = fuse({"bm25": BM25, "word2vec": DENSE}, FusionSettings(method="combmnz"))
    # minmax: bm25 7: 1, 3: 0.5, 5: 0; word2vec 3: 1, 7: 0.5, 9: 0. Two lists hold 3 and 7.
    assert values(fused) == pytest.approx({3: 2 * 1.5, 7: 2 * 1.5, 5: 0.0, 9: 0.0}, abs=8 / SCORE_UNIT)
    off = fuse({"bm25": BM25, "word2vec": DENSE}, FusionSettings(method="combmnz", weights={"word2vec": 0}))
    assert values(off) == {7: 1.0, 3: 0.5, 5: 0.0}  # a list that is off does not agree


def test_no_rankings_and_empty_rankings_give_no_hits() -> None:
    assert len(fuse({}, FusionSettings()).ordinals) == 0
    fused = fuse({"bm25": Ranking.empty()}, FusionSettings(method="linear"))
    assert len(fused.ordinals) == len(fused.scores) == len(fused.parts["bm25"].ranks) == 0


def test_a_retriever_of_weight_0_adds_no_hit_but_is_still_told() -> None:
    fused = fuse({"bm25": BM25, "word2vec": DENSE}, FusionSettings(weights={"word2vec": 0}))
    assert fused.ordinals.tolist() == [7, 3, 5]
    assert fused.parts["word2vec"].contributions.tolist() == [0, 0, 0]
    assert fused.parts["word2vec"].ranks.tolist() == [2, 1, 0]


def test_a_ranking_that_is_not_fused_keeps_its_scores() -> None:
    alone = unfused("bm25", BM25)
    assert values(alone) == {7: 9.0, 3: 5.0, 5: 1.0}
    assert alone.parts["bm25"].contributions.tolist() == alone.scores.tolist()
    assert alone.parts["bm25"].ranks.tolist() == [1, 2, 3]
    assert alone.parts["bm25"].scores.tolist() == BM25.scores.tolist()


def test_unranked_documents_stand_by_ordinal() -> None:
    listed = unranked(np.array([0, 2, 5], np.int32))
    assert values(listed) == {0: 0.0, 2: 0.0, 5: 0.0}
    assert listed.parts == {}


def test_unknown_names_list_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="`combmnz`, `linear`, `rrf`") as error:
        FusionSettings(method="rff")
    assert error.value.pointer == "/fusion/method"
    with pytest.raises(UnknownNameError, match="`minmax`, `theoretical`, `zscore`") as error:
        FusionSettings(normalization="max")
    assert error.value.pointer == "/fusion/normalization"


@pytest.mark.parametrize(
    ("name", "pointer"), [("bm52", "/fusion/weights/bm52"), ("a/b~c", "/fusion/weights/a~1b~0c")]
)
def test_a_weight_of_an_unknown_retriever_is_refused(name: str, pointer: str) -> None:
    with pytest.raises(UnknownNameError, match="`bm25`, `word2vec`") as error:
        fuse({"bm25": BM25, "word2vec": DENSE}, FusionSettings(weights={name: 1}))
    assert error.value.pointer == pointer


def test_weights_that_are_all_0_are_refused() -> None:
    with pytest.raises(InputError, match="above 0") as error:
        fuse({"bm25": BM25}, FusionSettings(weights={"bm25": 0}))
    assert error.value.pointer == "/fusion/weights"


@pytest.mark.parametrize(
    "given",
    [
        {"k": 0},
        {"k": -1},
        {"k": 10_001},
        {"k": float("nan")},
        {"weights": {"bm25": -0.1}},
        {"weights": {"bm25": 1_001}},
        {"weights": {"bm25": float("inf")}},
        {"weights": {"bm25": float("nan")}},
        {"rrf_k": 60},
    ],
)
def test_settings_out_of_bounds_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        FusionSettings.model_validate(given)


def test_the_name_of_a_method_stands_for_its_settings() -> None:
    class Request(BaseModel):
        fusion: FusionSettings

    assert Request.model_validate({"fusion": "linear"}).fusion == FusionSettings(method="linear")
    name, settings = Request.model_json_schema()["$defs"]["FusionSettings"]["anyOf"]
    assert name == {"type": "string", "enum": ["rrf", "linear", "combmnz"]}
    assert settings["additionalProperties"] is False
