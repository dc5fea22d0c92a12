"""Ranking quality against judgements: read them, ask every query, measure; and what is learned from them."""

from app.evaluation.examples import answered_examples, judged_examples, read_squad
from app.evaluation.judgements import Judgements, Query, read_judgements, read_queries
from app.evaluation.metrics import METRICS, Metric, parse_metric
from app.evaluation.run import Evaluation, evaluate

__all__ = [
    "METRICS",
    "Evaluation",
    "Judgements",
    "Metric",
    "Query",
    "answered_examples",
    "evaluate",
    "judged_examples",
    "parse_metric",
    "read_judgements",
    "read_queries",
    "read_squad",
]
