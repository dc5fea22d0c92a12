"""What a reranker and a reader learn from."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Judged:
    """A query with the texts of documents that are relevant and of others that look as if they were."""

    query: str
    relevant: Sequence[str]
    others: Sequence[str]


@dataclass(frozen=True, slots=True)
class Answered:
    """A question, a text, and the answer there as [start, end) in characters."""

    question: str
    text: str
    start: int
    end: int
