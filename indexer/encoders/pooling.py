"""How word vectors become the vector of a text: what each word counts, and what all texts have in common."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from indexer.encoders.base import Vector
from indexer.encoders.corpus import Corpus
from indexer.types import Vectors

SAMPLE = 20_000
"""Sentences that the common direction is taken from, evenly spread over the corpus."""


def squared_idf(df: NDArray[np.integer[Any]], n_docs: int) -> Vector:
    """log(1 + N/df)², above 0. Shapes: df (n,) → (n,), each df ≥ 1."""
    return (np.log1p(n_docs / df) ** 2).astype(np.float32)


def without_common_direction(vectors: Vectors, weights: Vector, corpus: Corpus) -> Vectors:
    """The word vectors less their share of the direction that the sentences of the corpus have in common.

    That is the direction of their mean: every text leans that way, so it tells none from another. A text's
    vector is linear in its words', so that taking it from the words takes it from every text.
    Shapes: (n_terms, dims) → the same. Source: Arora, Liang, Ma: A simple but tough-to-beat baseline for
    sentence embeddings, ICLR 2017; theirs is the first singular vector, which is the same where the mean is
    large, and would be the one difference of texts that fall into two opposite halves."""
    sums = _sentence_sums(vectors, weights, corpus)
    lengths = np.linalg.norm(sums, axis=1)
    mean = (sums[lengths > 0] / lengths[lengths > 0, None]).mean(axis=0)
    if not mean.any():
        return vectors
    common = mean / np.linalg.norm(mean)
    return (vectors - np.outer(vectors @ common, common)).astype(np.float32)


def _sentence_sums(vectors: Vectors, weights: Vector, corpus: Corpus) -> NDArray[np.float64]:
    """Σ weight · vector of evenly spread sentences. Shapes: (n, dims)."""
    counts = csr_array(
        (weights[corpus.ids].astype(np.float64), corpus.ids, corpus.offsets),
        shape=(corpus.n_sentences, len(corpus.terms)),
    )
    step = max(1, corpus.n_sentences // SAMPLE)
    return np.asarray(counts[::step] @ vectors.astype(np.float64))
