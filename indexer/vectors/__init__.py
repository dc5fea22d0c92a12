"""Vectors to rankings: the indexes of vectors, each behind the same interface."""

from indexer.vectors.base import KnownScores, VectorIndex
from indexer.vectors.registry import VECTOR_INDEXES, load_index, new_index
from indexer.vectors.rows import middle

__all__ = ["VECTOR_INDEXES", "KnownScores", "VectorIndex", "load_index", "middle", "new_index"]
