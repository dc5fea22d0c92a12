"""The metrics by hand, and against trec_eval."""

from math import log2

import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation import METRICS, Metric, parse_metric
from indexer.errors import InputError, UnknownNameError

JUDGED = {"a": 3, "b": 2, "c": 1, "x": 0, "y": -1}  # three relevant
SERVED = ["x", "b", "?", "a"]  # relevant at ranks 2 and 4


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("ndcg@4", (2 / log2(3) + 3 / log2(5)) / (3 / log2(2) + 2 / log2(3) + 1 / log2(4))),
        ("ndcg@2", (2 / log2(3)) / (3 / log2(2) + 2 / log2(3))),
        ("recall@4", 2 / 3),
        ("recall@100", 2 / 3),
        ("precision@4", 2 / 4),
        ("precision@10", 2 / 10),  # of k, also where fewer were served
        ("mrr@4", 1 / 2),
        ("mrr@1", 0),
        ("map@4", (1 / 2 + 2 / 4) / 3),
        ("map@2", (1 / 2) / 3),
    ],
)
def test_metric_worked_example(metric: str, expected: float) -> None:
    assert parse_metric(metric)(SERVED, JUDGED) == pytest.approx(expected)


@pytest.mark.parametrize("name", METRICS)
def test_the_best_list_has_1_and_an_empty_one_0(name: str) -> None:
    assert Metric(name, 3)(["a", "b", "c"], JUDGED) == 1
    assert Metric(name, 3)([], JUDGED) == 0
    assert Metric(name, 3)(["x", "y", "?"], JUDGED) == 0


doc_ids = st.sampled_from([f"d{number}" for number in range(12)])
relevant_somewhere = st.dictionaries(doc_ids, st.integers(-1, 3), min_size=1).filter(
    lambda judged: any(grade > 0 for grade in judged.values())
)
TREC_NAMES = {"ndcg": "ndcg_cut", "recall": "recall", "precision": "P", "map": "map_cut"}


@given(served=st.lists(doc_ids, unique=True), judged=relevant_somewhere, k=st.integers(1, 15))
def test_metrics_equal_trec_eval(served: list[str], judged: dict[str, int], k: int) -> None:
    falling = {doc_id: float(len(served) - place) for place, doc_id in enumerate(served)}
    measures = {f"{name}.{k}" for name in TREC_NAMES.values()}
    [oracle] = pytrec_eval.RelevanceEvaluator({"q": judged}, measures).evaluate({"q": falling}).values()
    for name, trec_name in TREC_NAMES.items():
        assert Metric(name, k)(served, judged) == pytest.approx(oracle[f"{trec_name}_{k}"], abs=5e-5), name


@given(served=st.lists(doc_ids, unique=True), judged=relevant_somewhere, k=st.integers(1, 15))
def test_mrr_equals_trec_eval_of_the_list_cut_at_k(served: list[str], judged: dict[str, int], k: int) -> None:
    falling = {doc_id: float(len(served) - place) for place, doc_id in enumerate(served[:k])}
    [oracle] = pytrec_eval.RelevanceEvaluator({"q": judged}, {"recip_rank"}).evaluate({"q": falling}).values()
    assert Metric("mrr", k)(served, judged) == pytest.approx(oracle["recip_rank"], abs=5e-5)


@pytest.mark.parametrize("text", ["ndcg@10", "recall@100", "mrr@1", "precision@9999", "map@5"])
def test_a_metric_is_named_as_it_was_asked_for(text: str) -> None:
    assert str(parse_metric(text)) == text


@pytest.mark.parametrize("text", ["", "ndcg", "ndcg@", "ndcg@0", "ndcg@-1", "ndcg@1.5", "ndcg@10000", "@10"])
def test_a_metric_without_a_usable_k_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="NAME@K"):
        parse_metric(text)


def test_an_unknown_metric_lists_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="`map`, `mrr`, `ndcg`, `precision`, `recall`"):
        parse_metric("ncdg@10")
