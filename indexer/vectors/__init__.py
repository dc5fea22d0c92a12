"""Vectors to rankings: the indexes of vectors, each behind the same interface."""

from indexer.vectors.base import KnownScores, VectorIndex, VectorStore
from indexer.vectors.kinds import Advice, Kind, advice, parse_kind
from indexer.vectors.registry import load_index, new_index
from indexer.vectors.rows import middle
from indexer.vectors.segmented import SegmentedVectors

__all__ = [
    "Advice",
    "Kind",
    "KnownScores",
    "SegmentedVectors",
    "VectorIndex",
    "VectorStore",
    "advice",
    "load_index",
    "middle",
    "new_index",
    "parse_kind",
]
