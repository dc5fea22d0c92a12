"""One evaluation: every judged query is asked, every answer measured."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from time import perf_counter

from app.evaluation.judgements import Query
from app.evaluation.metrics import Grades, Metric
from indexer.errors import InputError
from indexer.types import Progress, no_progress

Search = Callable[[str, int], Sequence[str]]
"""(query text, hits wanted) → keys of the hits, best first."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well a set of queries was answered.

    queries: how many were asked · unjudged: how many were left out, since no document is relevant to them
    · metrics: the mean of each over the asked queries, by its name · per_query: query id → metric → value
    · seconds: how long the searches took, all together."""

    queries: int
    unjudged: int
    metrics: Mapping[str, float]
    per_query: Mapping[str, Mapping[str, float]]
    seconds: float


def evaluate(
    search: Search,
    queries: Iterable[Query],
    judgements: Mapping[str, Grades],
    metrics: Sequence[Metric],
    progress: Progress = no_progress,
) -> Evaluation:
    """The metrics of the served lists, each as deep as the largest k asked for.

    A query without hits counts 0. A query without a relevant document cannot be answered: it is left out.
    Raises: InputError without a metric or without a query to ask."""
    if not metrics:
        raise InputError("An evaluation wants at least one metric, found none: ask for example for ndcg@10.")
    given = list(queries)
    asked = [each for each in given if any(grade > 0 for grade in judgements.get(each.query_id, {}).values())]
    if not asked:
        raise InputError(
            f"None of the {len(given):,} queries has a relevant document in the judgements, which are of "
            f"{len(judgements):,} queries: do the two belong together?"
        )
    depth = max(metric.k for metric in metrics)
    per_query: dict[str, dict[str, float]] = {}
    seconds = 0.0
    for done, query in enumerate(asked):
        progress("evaluate", done, len(asked))
        started = perf_counter()
        served = search(query.text, depth)
        seconds += perf_counter() - started
        judged = judgements[query.query_id]
        per_query[query.query_id] = {str(metric): metric(served, judged) for metric in metrics}
    progress("evaluate", len(asked), len(asked))
    means = {
        str(metric): fsum(values[str(metric)] for values in per_query.values()) / len(asked)
        for metric in metrics
    }
    return Evaluation(len(asked), len(given) - len(asked), means, per_query, seconds)
