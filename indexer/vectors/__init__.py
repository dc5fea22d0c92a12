"""Vectors to rankings: the indexes of vectors, each behind the same interface."""

from indexer.vectors.base import KnownScores, VectorIndex
from indexer.vectors.kinds import Advice, Kind, advice, parse_kind
from indexer.vectors.registry import load_index, new_index
from indexer.vectors.rows import middle

__all__ = [
    "Advice",
    "Kind",
    "KnownScores",
    "VectorIndex",
    "advice",
    "load_index",
    "middle",
    "new_index",
    "parse_kind",
]
