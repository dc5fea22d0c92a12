"""One vector of the vectors of a text's tokens.

Source: Reimers and Gurevych, EMNLP 2019, "Sentence-BERT"."""

import numpy as np

from indexer.encoders.base import Vector
from indexer.encoders.bert.options import Pooling
from indexer.types import Vectors


def pooled(hidden: Vectors, pooling: Pooling) -> tuple[Vector, float]:
    """The vector of length 1, and for the mean the weight with which each token's went into it, else 0.

    Shapes: hidden (length, dims) → (dims,). mean: Σ h / |Σ h|, in which every token, the special ones and
    those of the prompt too, weighs 1 / |Σ h| · cls: the first token's · max: the largest of each place.
    A vector of length 0 stays as it is."""
    match pooling:
        case "mean":
            total = hidden.sum(axis=0, dtype=np.float64)
        case "cls":
            total = hidden[0].astype(np.float64)
        case "max":
            total = hidden.max(axis=0).astype(np.float64)
    length = float(np.sqrt(np.square(total).sum())) or 1.0
    return (total / length).astype(np.float32), 1.0 / length if pooling == "mean" else 0.0


def middle(vectors: Vectors) -> tuple[Vector, float]:
    """The direction of the mean of vectors, and the weight of each in it: Σ v / |Σ v|.

    Shapes: (n, dims), n ≥ 1, of length 1 → (dims,). Where they have none in common, the first."""
    total = vectors.sum(axis=0, dtype=np.float64)
    length = float(np.sqrt(np.square(total).sum()))
    if len(vectors) == 1 or not length:
        return vectors[0], 1.0
    return (total / length).astype(np.float32), 1.0 / length
