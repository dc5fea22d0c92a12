"""The metrics: how good a served list is, given the judged documents of its query.

Pure functions of what was served and judged. Each follows the served order, whatever scores stood behind
it, and gives a number from 0 to 1:

    served  (n,)  the keys of the hits, best first, each once
    judged        key → grade; 0 or less is judged not relevant, a document that is absent was not judged
    k             how far down the list it looks

All but `mrr` are those of trec_eval for a list of strictly falling scores; its `recip_rank` has no k.
A query without a relevant document has no value: it is left out before, see `evaluate`.

Adding a metric: a function, and a line in METRICS."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2

from indexer.errors import InputError, UnknownNameError

Grades = Mapping[str, int]


def ndcg(served: Sequence[str], judged: Grades, k: int) -> float:
    """DCG@k of the list / DCG@k of the best possible list; DCG = Σ grade / log2(rank + 1).

    Linear gain, as trec_eval's `ndcg_cut`; others use 2^grade − 1, which is the same for grades 0 and 1.
    Source: Järvelin, Kekäläinen: Cumulated gain-based evaluation of IR techniques, TOIS 2002."""
    best = sorted(judged.values(), reverse=True)
    return _dcg(judged.get(each, 0) for each in served[:k]) / _dcg(best[:k])


def recall(served: Sequence[str], judged: Grades, k: int) -> float:
    """Relevant documents among the first k / relevant documents. Source: trec_eval, `recall`."""
    return sum(_relevant(served, judged, k)) / _n_relevant(judged)


def precision(served: Sequence[str], judged: Grades, k: int) -> float:
    """Relevant documents among the first k / k, also where fewer were served. Source: trec_eval, `P`."""
    return sum(_relevant(served, judged, k)) / k


def mrr(served: Sequence[str], judged: Grades, k: int) -> float:
    """1 / rank of the first relevant document; 0 where it is not among the first k.

    Source: Voorhees: The TREC-8 question answering track report, 1999; trec_eval, `recip_rank`."""
    hits = _relevant(served, judged, k)
    return 1 / (hits.index(True) + 1) if True in hits else 0.0


def average_precision(served: Sequence[str], judged: Grades, k: int) -> float:
    """Sum of the precision at the rank of each relevant document among the first k / relevant documents.

    Source: trec_eval, `map_cut`."""
    total, found = 0.0, 0
    for rank, relevant in enumerate(_relevant(served, judged, k), 1):
        if relevant:
            found += 1
            total += found / rank
    return total / _n_relevant(judged)


METRICS: dict[str, Callable[[Sequence[str], Grades, int], float]] = {
    "ndcg": ndcg,
    "recall": recall,
    "mrr": mrr,
    "precision": precision,
    "map": average_precision,
}


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric with its k, for example `ndcg@10`."""

    name: str
    k: int

    def __str__(self) -> str:
        return f"{self.name}@{self.k}"

    def __call__(self, served: Sequence[str], judged: Grades) -> float:
        """Its value for one query."""
        return METRICS[self.name](served, judged, self.k)


def parse_metric(text: str) -> Metric:
    """The metric that a text such as `ndcg@10` names. Raises: InputError, UnknownNameError."""
    parsed = re.fullmatch(r"([^@]+)@([1-9][0-9]{0,3})", text)
    if parsed is None:
        raise InputError(
            f"A metric is written NAME@K with K from 1 to 9999, for example ndcg@10; found `{text[:100]}`."
        )
    name, k = parsed.groups()
    if name not in METRICS:
        raise UnknownNameError("metric", name, METRICS)
    return Metric(name, int(k))


def _dcg(grades: Iterable[int]) -> float:
    return sum(max(grade, 0) / log2(rank + 1) for rank, grade in enumerate(grades, 1))


def _relevant(served: Sequence[str], judged: Grades, k: int) -> list[bool]:
    return [judged.get(each, 0) > 0 for each in served[:k]]


def _n_relevant(judged: Grades) -> int:
    return sum(grade > 0 for grade in judged.values())
