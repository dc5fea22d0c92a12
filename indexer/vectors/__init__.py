"""Vectors to rankings: the indexes of vectors, each behind the same interface."""

from indexer.vectors.base import KnownScores, VectorIndex, VectorStore
from indexer.vectors.compressing import (
    LEAST_LEARNED,
    Compression,
    Encoded,
    Kept,
    Layers,
    Pca,
    Quantised,
    kept,
)
from indexer.vectors.kinds import Advice, Kind, advice, parse_kind
from indexer.vectors.registry import load_index, new_index
from indexer.vectors.rows import middle
from indexer.vectors.segmented import SegmentedVectors

__all__ = [
    "LEAST_LEARNED",
    "Advice",
    "Compression",
    "Encoded",
    "Kept",
    "Kind",
    "KnownScores",
    "Layers",
    "Pca",
    "Quantised",
    "SegmentedVectors",
    "VectorIndex",
    "VectorStore",
    "advice",
    "kept",
    "load_index",
    "middle",
    "new_index",
    "parse_kind",
]
