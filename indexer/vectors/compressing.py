"""Vectors in few bytes, by several ways, and what is left of their neighbours: PCA, product quantisation, and
the fully connected layers of an autoencoder."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, NamedTuple, Protocol

import faiss
import numpy as np

from indexer.types import Vectors

AMONG = 10
"""Neighbours that are looked for."""
LEAST_LEARNED = 256
"""Vectors that product quantisation learns from at least: as many as a byte has values."""

Layers = Sequence[tuple[Vectors, Vectors]]
"""Fully connected ones, each (weights (n_in, n_out), bias (n_out,)), with max(·, 0) between them."""


class Compression(Protocol):
    """A way to keep vectors in fewer bytes."""

    def restored(self, vectors: Vectors) -> Vectors:
        """What comes back of vectors that were compressed. Shapes: (n, dims) → (n, dims)."""


class Bytes(NamedTuple):
    """Numbers as one byte each, between the least and the largest that was learned. Shapes: (n,) each."""

    least: Vectors
    step: Vectors

    @classmethod
    def learned(cls, codes: Vectors) -> "Bytes":
        """Those that fit some codes."""
        least, most = codes.min(axis=0), codes.max(axis=0)
        return cls(least, np.maximum(most - least, np.float32(1e-12)) / 255)

    def rounded(self, codes: Vectors) -> Vectors:
        """What one byte for each number leaves of codes. Shapes: (m, n)."""
        numbers = np.clip(np.rint((codes - self.least) / self.step), 0, 255)
        return np.asarray(numbers * self.step + self.least, np.float32)


class Pca:
    """The directions in which vectors differ most, one byte for each.

    Source: Pearson, 1901; the directions are the first right singular vectors of the centred vectors."""

    def __init__(self, learned: Vectors, n_bytes: int) -> None:
        self._mean = learned.mean(axis=0)
        _, _, directions = np.linalg.svd(learned - self._mean, full_matrices=False)
        self._directions = np.asarray(directions[:n_bytes], np.float32)
        self._bytes = Bytes.learned((learned - self._mean) @ self._directions.T)

    def restored(self, vectors: Vectors) -> Vectors:
        """What comes back of vectors."""
        codes = self._bytes.rounded((vectors - self._mean) @ self._directions.T)
        return np.asarray(codes @ self._directions + self._mean, np.float32)


class Quantised:
    """Each part of a vector as the nearest of 256 that were learned, one byte for each part.

    Source: Jégou, Douze, Schmid, 2011, "Product Quantization for Nearest Neighbor Search". Where the
    dimensions cannot be cut into so many equal parts, zeros stand behind them."""

    def __init__(self, learned: Vectors, n_bytes: int) -> None:
        self._dims = learned.shape[1]
        self._padded = n_bytes * ceil(self._dims / n_bytes)
        faiss.omp_set_num_threads(1)
        self._pq: Any = faiss.ProductQuantizer(self._padded, n_bytes, 8)
        self._pq.cp.min_points_per_centroid = 1  # else it prints a warning where there are few
        self._pq.train(self._with_zeros(learned))

    def restored(self, vectors: Vectors) -> Vectors:
        """What comes back of vectors."""
        codes = self._pq.compute_codes(self._with_zeros(vectors))
        found: Vectors = self._pq.decode(codes)[:, : self._dims]
        return found

    def _with_zeros(self, vectors: Vectors) -> Vectors:
        return np.ascontiguousarray(np.pad(vectors, ((0, 0), (0, self._padded - self._dims))), np.float32)


class Encoded:
    """The code of an autoencoder, one byte for each number."""

    def __init__(self, learned: Vectors, encoder: Layers, decoder: Layers) -> None:
        self._encoder = encoder
        self._decoder = decoder
        self.bytes = Bytes.learned(through(learned, encoder))

    def restored(self, vectors: Vectors) -> Vectors:
        """What comes back of vectors."""
        return through(self.bytes.rounded(through(vectors, self._encoder)), self._decoder)


def through(vectors: Vectors, layers: Layers) -> Vectors:
    """What fully connected layers make of vectors: h ↦ max(h W + b, 0), the last one without its max."""
    found = vectors
    for number, (weights, bias) in enumerate(layers):
        found = found @ weights + bias
        if number + 1 < len(layers):
            found = np.maximum(found, 0)
    return np.asarray(found, np.float32)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a way to compress leaves of vectors.

    loss: the mean of |x − x̂|² over vectors that it has not learned from · recall_at_10: of the ten nearest by
    the vectors as they are, the share that is among the ten nearest by what comes back."""

    method: str
    bytes: int
    loss: float
    recall_at_10: float


def kept(
    method: str, n_bytes: int, way: Compression, held_out: Vectors, base: Vectors, queries: Vectors
) -> Kept:
    """What is left of held-out vectors, and of the neighbours that queries, which stay as they are, have
    among those of a base. Shapes: (n, dims) each, n ≥ 10 of the base; all of length 1."""
    lost = held_out.astype(np.float64) - way.restored(held_out)
    restored = way.restored(base)
    lengths = np.linalg.norm(restored, axis=1, keepdims=True)
    wanted = _nearest(base, queries)
    found = _nearest(np.asarray(restored / np.where(lengths > 0, lengths, 1), np.float32), queries)
    same = [len(np.intersect1d(one, other)) for one, other in zip(wanted, found, strict=True)]
    loss = float(np.square(lost).sum(axis=1).mean())
    return Kept(method, n_bytes, round(loss, 6), round(float(np.mean(same)) / AMONG, 4))


def _nearest(base: Vectors, queries: Vectors) -> np.ndarray:
    """The ten nearest of a base to each query, in any order. Shapes: (m, 10)."""
    return np.argpartition(-(queries @ base.T), AMONG - 1, axis=1)[:, :AMONG]
