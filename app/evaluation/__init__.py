"""Ranking quality against judgements: read them, ask every query, measure."""

from app.evaluation.judgements import Judgements, Query, read_judgements, read_queries
from app.evaluation.metrics import METRICS, Metric, parse_metric
from app.evaluation.run import Evaluation, evaluate

__all__ = [
    "METRICS",
    "Evaluation",
    "Judgements",
    "Metric",
    "Query",
    "evaluate",
    "parse_metric",
    "read_judgements",
    "read_queries",
]
