"""How word vectors become the vector of a text: what each word counts, and what all texts have in common."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from scipy.sparse import csr_array

from indexer.encoders.base import Vector
from indexer.encoders.corpus import Corpus
from indexer.types import Vectors

SAMPLE = 20_000
"""Sentences that the common direction is taken from, evenly spread over the corpus."""

SIF = 1e-3
"""The `a` of smooth inverse frequency."""

Pooling = Literal["squared_idf", "sif", "idf", "mean"]


class PoolingOptions(BaseModel):
    """How the words of a text become its vector."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    pooling: Pooling = Field(
        default="squared_idf",
        description="What a word counts in a text: `mean` all the same, `idf` by rarity, `squared_idf` by "
        "its square and `sif` smoothly by rarity, these two less what all texts have in common.",
    )


def word_weights(pooling: Pooling, terms: Sequence[str], corpus: Corpus) -> Vector:
    """What each of these terms counts in a text, above 0; one that the corpus has not counts as its rarest.

    mean: 1 · idf: log(1 + N/df) · squared_idf: its square · sif: a / (a + p), p its share of all words.
    Shapes: (n_terms,). Source of sif: Arora, Liang, Ma: A simple but tough-to-beat baseline for sentence
    embeddings, ICLR 2017."""
    places = {term: place for place, term in enumerate(corpus.terms)}
    known = np.array([places.get(term, -1) for term in terms], np.int64)
    if pooling == "mean":
        return np.ones(len(terms), np.float32)
    if pooling == "sif":
        shares = _of(corpus.cf, known) / max(1, corpus.n_tokens)
        return (SIF / (SIF + shares)).astype(np.float32)
    idf = np.log1p(max(1, corpus.n_sentences) / _of(corpus.df, known))
    return (idf**2 if pooling == "squared_idf" else idf).astype(np.float32)


def mean_weight(pooling: Pooling, corpus: Corpus) -> float:
    """What a word of the texts counts on average: that is what one counts which was never seen, since it may
    be a rare word, and may be a common one misspelled. As the rarest it would outweigh all words beside it;
    the figures are in docs/decisions/0016. 1 where there are no words."""
    weights = word_weights(pooling, corpus.terms, corpus).astype(np.float64)
    return float(weights @ corpus.cf / corpus.cf.sum()) if len(corpus.cf) else 1.0


def common_direction(
    pooling: Pooling, terms: Sequence[str], vectors: Vectors, corpus: Corpus
) -> Vector | None:
    """The direction that the texts of a corpus have in common, of length 1; None where there is none, or
    where the pooling leaves it.

    It is that of the mean of their vectors: every text leans that way, so it tells none from another. Source:
    Arora, Liang, Ma; theirs is the first singular vector, which is the same where the mean is large, and
    would be the one difference of texts that fall into two opposite halves.
    Shapes: (n_terms, dims) → (dims,)."""
    if pooling in ("mean", "idf"):
        return None
    sums = _sentence_sums(terms, vectors, word_weights(pooling, terms, corpus), corpus)
    lengths = np.linalg.norm(sums, axis=1)
    if not np.any(lengths):
        return None
    mean = (sums[lengths > 0] / lengths[lengths > 0, None]).mean(axis=0)
    length = np.linalg.norm(mean)
    return None if not length else (mean / length).astype(np.float32)


def without_direction(vectors: Vectors, direction: Vector | None) -> Vectors:
    """The vectors less their share of a direction. A text's vector is linear in those of its words, so that
    taking it from the words takes it from every text. Shapes: (n, dims), (dims,) → (n, dims)."""
    if direction is None:
        return vectors
    wide = direction.astype(np.float64)
    return (vectors - np.outer(vectors @ wide, wide)).astype(np.float32)


def _of(counts: NDArray[np.integer[Any]], places: NDArray[np.int64]) -> NDArray[np.float64]:
    """The counts at these places; 1 where the place is −1."""
    padded = np.append(counts, 1).astype(np.float64)
    return padded[places]


def _sentence_sums(
    terms: Sequence[str], vectors: Vectors, weights: Vector, corpus: Corpus
) -> NDArray[np.float64]:
    """Σ weight · vector of evenly spread sentences. Shapes: (n, dims)."""
    rows = {term: row for row, term in enumerate(terms)}
    known = np.array([rows.get(term, -1) for term in corpus.terms], np.int64)
    weighted = np.zeros((len(corpus.terms), vectors.shape[1]))
    here = known >= 0
    weighted[here] = vectors[known[here]] * weights[known[here], None].astype(np.float64)
    counts = csr_array(
        (np.ones(len(corpus.ids)), corpus.ids, corpus.offsets),
        shape=(corpus.n_sentences, len(corpus.terms)),
    )
    step = max(1, corpus.n_sentences // SAMPLE)
    return np.asarray(counts[::step] @ weighted)
