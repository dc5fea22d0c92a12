"""A whole evaluation, over a search that serves written lists."""

import pytest

from app.evaluation import Metric, Query, evaluate
from indexer.errors import CanceledError, InputError

QUERIES = [Query("q1", "one"), Query("q2", "two"), Query("q3", "three"), Query("q4", "four")]
JUDGEMENTS = {"q1": {"a": 1}, "q2": {"b": 1, "c": 2}, "q3": {"a": 0}, "q9": {"a": 1}}
SERVED = {"one": ["x", "a"], "two": []}


def search(text: str, k: int) -> list[str]:
    """The written list of a query."""
    return SERVED[text][:k]


def test_metrics_are_means_over_the_queries_that_can_be_answered() -> None:
    result = evaluate(search, QUERIES, JUDGEMENTS, [Metric("mrr", 10), Metric("recall", 1)])
    assert (result.queries, result.unjudged) == (2, 2)  # q3 has no relevant document, q4 no judgement
    assert result.metrics == {"mrr@10": (1 / 2 + 0) / 2, "recall@1": 0}
    assert result.per_query == {"q1": {"mrr@10": 1 / 2, "recall@1": 0}, "q2": {"mrr@10": 0, "recall@1": 0}}
    assert result.seconds >= 0


def test_the_search_is_as_deep_as_the_largest_k() -> None:
    depths = []

    def recording(text: str, k: int) -> list[str]:
        depths.append(k)
        return []

    evaluate(recording, QUERIES, JUDGEMENTS, [Metric("ndcg", 10), Metric("recall", 100), Metric("mrr", 5)])
    assert depths == [100, 100]


def test_progress_is_told_and_may_stop_the_work() -> None:
    told = []
    evaluate(search, QUERIES, JUDGEMENTS, [Metric("mrr", 10)], lambda *each: told.append(each))
    assert told == [("evaluate", 0, 2), ("evaluate", 1, 2), ("evaluate", 2, 2)]

    def stop(phase: str, done: int, total: int | None, loss: float | None = None) -> None:
        raise CanceledError("Stopped.")

    with pytest.raises(CanceledError):
        evaluate(search, QUERIES, JUDGEMENTS, [Metric("mrr", 10)], stop)


def test_an_evaluation_without_a_metric_or_a_judged_query_is_refused() -> None:
    with pytest.raises(InputError, match="at least one metric"):
        evaluate(search, QUERIES, JUDGEMENTS, [])
    with pytest.raises(InputError, match="None of the 4 queries"):
        evaluate(search, QUERIES, {"other": {"a": 1}}, [Metric("mrr", 10)])
