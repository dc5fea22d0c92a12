"""Laws of every reranker in the table, and of the stage that uses it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.engines import Engines
from app.search.fusion import Fused, unfused
from app.search.listing import question_of
from app.search.ranking import RerankSettings
from app.search.request import search_request
from app.search.stages.reranking import RERANKERS, Reranker, make_reranker, rerank
from indexer.build import build_generation
from indexer.encoders import KeptModels, PairModels
from indexer.generation import Generation
from indexer.types import SCORE_UNIT, Document, Ranking
from tests.app.sample import sample
from tests.indexer.encoders.bert.tiny import DIMS, TOKENS, graph, write_folder
from tests.library import new_catalogue, store

QUERIES = ["river bank 河岸", "猫 喜欢 吃什么", "!!!", "xyzzy"]
DOCUMENTS = [Document(each.pop("id"), each) for each in sample()]
some = st.lists(st.sampled_from([*DOCUMENTS, None]), max_size=12)


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    folder = tmp_path_factory.mktemp("rerankers")
    with new_catalogue(folder) as catalogue:
        store(catalogue, "news", sample())
        build_generation(catalogue, folder, "news")
        return Engines(catalogue, folder).get("news").generation


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> PairModels:
    """With a tiny reranker among them."""
    folder = write_folder(tmp_path_factory.mktemp("model"), {"onnx/model.onnx": graph(["logits"])})
    kept = KeptModels(tmp_path_factory.mktemp("kept"))
    kept.keep_folder("tiny", "reranker", folder, DIMS, len(TOKENS), {})
    return PairModels(kept)


def made(generation: Generation, models: PairModels, by: str, query: str) -> Reranker:
    request = search_request(q=query)
    return make_reranker(RerankSettings(by=by), generation, question_of(generation, request), models)


def listed(n: int) -> Fused:
    """So many hits with falling scores."""
    return unfused(
        "bm25", Ranking(np.arange(n, dtype=np.int32), np.arange(n, 0, -1, dtype=np.int64) * SCORE_UNIT)
    )


@pytest.mark.parametrize("by", RERANKERS)
@pytest.mark.parametrize("query", QUERIES)
@given(documents=some)
def test_a_score_is_within_its_range_and_does_not_depend_on_the_others(
    generation, models, by, query, documents
) -> None:
    reranker = made(generation, models, by, query)
    scores = reranker.score(documents)
    assert scores.dtype == np.int64
    assert len(scores) == len(documents)
    assert ((scores >= 0) & (scores <= SCORE_UNIT)).all()
    assert scores.tolist() == [int(reranker.score([each])[0]) for each in documents]
    assert [
        score for score, each in zip(scores.tolist(), documents, strict=True) if each is None and score
    ] == []


@pytest.mark.parametrize("by", RERANKERS)
@given(documents=some, weight=st.sampled_from([0.1, 0.5, 1.0]), window=st.integers(1, 12))
def test_parts_sum_to_the_new_scores_and_the_window_is_what_is_left(
    generation, models, by, documents, weight, window
) -> None:
    reranker = made(generation, models, by, "river bank 河岸")
    settings = RerankSettings(by=by, weight=weight, window=window)
    fused = rerank(listed(len(documents)), settings, reranker, documents[:window])
    assert len(fused.ordinals) == min(window, len(documents))
    total = sum(
        (each.contributions for each in fused.parts.values()), np.zeros(len(fused.ordinals), np.int64)
    )
    assert total.tolist() == fused.scores.tolist()
    order = list(zip((-fused.scores).tolist(), fused.ordinals.tolist(), strict=True))
    assert order == sorted(order)
    assert all(0 <= fused.value(score) <= 1 for score in fused.scores)
    ranks = fused.parts[reranker.name].ranks
    assert sorted(ranks.tolist()) == list(range(1, len(ranks) + 1))


@pytest.mark.parametrize("scores", [[-1, -2, -3], [0, 0, 0], [2**42, 5, -(2**42)]])
def test_former_scores_below_0_stay_in_proportion(
    generation: Generation, models: PairModels, scores: list[int]
) -> None:
    ordinals = np.arange(3, dtype=np.int32)
    former = unfused("lm", Ranking(ordinals, np.array(scores, np.int64)))
    settings = RerankSettings(by="proximity", weight=0.25)
    fused = rerank(former, settings, made(generation, models, "proximity", "xyzzy"), [None, None, None])
    largest = max(1, *map(abs, scores))
    found = dict(zip(fused.ordinals.tolist(), map(fused.value, fused.scores), strict=True))
    assert found == pytest.approx({i: 0.75 * score / largest for i, score in enumerate(scores)}, abs=1e-9)


def test_proximity_worked_example(generation, models) -> None:
    documents = [
        Document("a", {"title": "", "text": "A river bank."}),
        Document("b", {"title": "", "text": "The river runs far from any bank."}),
        Document("c", {"title": "", "text": "Only a bank."}),
        Document("d", {"title": "", "text": "Neither."}),
    ]
    scores = made(generation, models, "proximity", "river bank").score(documents) / SCORE_UNIT
    # both side by side: 2/2 · 2/2; both, 6 words from first to last: 2/2 · 2/6; one of two: 1/2 · 1/1
    assert scores.tolist() == pytest.approx([1.0, 2 / 6, 0.5, 0.0], abs=1e-6)


def test_a_passage_is_scored_by_its_best_sentence(generation, models) -> None:
    one = Document("a", {"title": "", "text": "Some words about nothing. A river bank. More of it."})
    alone = Document("b", {"title": "", "text": "A river bank."})
    scores = made(generation, models, "passage", "A river bank.").score([one, alone])
    assert scores.tolist() == [SCORE_UNIT, SCORE_UNIT]
