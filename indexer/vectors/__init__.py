"""Vectors to rankings: the indexes of vectors, each behind the same interface."""

from indexer.vectors.base import KnownScores, VectorIndex
from indexer.vectors.registry import VECTOR_INDEXES, load_index, new_index

__all__ = ["VECTOR_INDEXES", "KnownScores", "VectorIndex", "load_index", "new_index"]
