"""The weightings: what one term of a query adds to the score of a document that holds it.

Pure functions of raw counts, so that a variant or a parameter changes without a rebuild. A weight is the
product of two sides: what the term says (its idf), and the gain that a document has from its counts:

    tf       how often the term stands in each document; may be fractional under field boosts
    doc_len  length of each document in terms of the same view
    avg_len  mean `doc_len` of the documents that are not empty
    given    the parameters of the request

A gain is positive, knows nothing of the term, and takes float64 arrays of any shapes that broadcast: the
gains of every count in every length are computed once for all terms and queries. A weighting that is no
such product (the language model) bends the gain term by term: its `curve`, which rises with the gain.

Adding a weighting: a function, and a line in WEIGHTINGS."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from indexer.errors import UnknownNameError
from indexer.types import Weights


@dataclass(frozen=True, slots=True)
class TermStatistics:
    """n_docs: documents in the index · df: those that hold the term · avg_len: mean `doc_len` of those
    that are not empty in this view · cf: occurrences of the term in all · total_len: terms in all."""

    n_docs: int
    df: int
    avg_len: float
    cf: float
    total_len: float


class WeightingParameters(BaseModel):
    """Parameters of the weightings; one that a weighting does not use is ignored by it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    k1: float = Field(1.2, ge=0, le=100, description="BM25: how slowly repeated terms saturate.")
    b: float = Field(0.75, ge=0, le=1, description="BM25: how much long documents are held back.")
    k3: float = Field(8.0, ge=0, le=10_000, description="BM25: the same for terms repeated in the query.")
    delta: float | None = Field(None, ge=0, le=10, description="BM25+ (1.0) and BM25L (0.5): least gain.")
    mu: float = Field(2_000.0, gt=0, le=1_000_000, description="LM: weight of the collection, in terms.")


Gain = Callable[[Weights, Weights, float, WeightingParameters], Weights]
Idf = Callable[[TermStatistics], float]


def count(tf: Weights, doc_len: Weights, avg_len: float, given: WeightingParameters) -> Weights:
    """tf. Bag of words: the score is the dot product of the two count vectors."""
    return tf + 0 * doc_len


def binary(tf: Weights, doc_len: Weights, avg_len: float, given: WeightingParameters) -> Weights:
    """1 where the term stands in the document."""
    return np.ones(np.broadcast_shapes(np.shape(tf), np.shape(doc_len)))


def relative(tf: Weights, doc_len: Weights, avg_len: float, given: WeightingParameters) -> Weights:
    """tf / |d|: the share of the document. TF-IDF `classic`: times log(N / (1 + df)).

    Source: METHODS, variant `classic`."""
    return tf / doc_len


def saturating(tf: Weights, doc_len: Weights, avg_len: float, given: WeightingParameters) -> Weights:
    """tf / (tf + k1·(1 − b + b·|d|/avgdl)); no factor (k1 + 1).

    Source: Kamphuis, de Vries, Boytsov, Lin: Which BM25 do you mean?, ECIR 2020, row `Lucene (accurate)`."""
    return tf / (tf + _length_norm(doc_len, avg_len, given))


def saturating_okapi(tf: Weights, doc_len: Weights, avg_len: float, given: WeightingParameters) -> Weights:
    """tf·(k1 + 1) / (tf + k1·(1 − b + b·|d|/avgdl)).

    Source: Robertson, Walker, Jones, Hancock-Beaulieu, Gatford: Okapi at TREC-3, 1994; with the idf
    log(N / df) Trotman, Jia, Crane: Towards an efficient and effective search engine, OSIR 2012 (ATIRE)."""
    return tf * (given.k1 + 1) / (tf + _length_norm(doc_len, avg_len, given))


def saturating_plus(tf: Weights, doc_len: Weights, avg_len: float, given: WeightingParameters) -> Weights:
    """δ + tf·(k1 + 1) / (tf + k1·(1 − b + b·|d|/avgdl)), δ = 1; matched terms only.

    Source: Lv, Zhai: Lower-bounding term frequency normalization, CIKM 2011."""
    delta = 1.0 if given.delta is None else given.delta
    return delta + saturating_okapi(tf, doc_len, avg_len, given)


def saturating_l(tf: Weights, doc_len: Weights, avg_len: float, given: WeightingParameters) -> Weights:
    """(c + δ)·(k1 + 1) / (k1 + c + δ), c = tf / (1 − b + b·|d|/avgdl), δ = 0.5.

    Source: Lv, Zhai: When documents are very long, BM25 fails!, SIGIR 2011."""
    delta = 0.5 if given.delta is None else given.delta
    shifted = tf / (1 - given.b + given.b * doc_len / avg_len) + delta
    return (given.k1 + 1) * shifted / (given.k1 + shifted)


def dirichlet(gain: Weights, stats: TermStatistics, given: WeightingParameters) -> Weights:
    """log(1 + tf / (μ·p(t|C))), p(t|C) = cf / total_len; what the length says is in `dirichlet_length`.

    Query likelihood with Dirichlet smoothing, without what is the same for every document.
    Source: Zhai, Lafferty: A study of smoothing methods for language models, SIGIR 2001, section 3."""
    return np.log1p(gain / (given.mu * stats.cf / stats.total_len))


def dirichlet_length(doc_len: Weights, n_terms: float, given: WeightingParameters) -> Weights:
    """n·log(μ / (μ + |d|)), n the query's terms: negative, and lower for a longer document."""
    return n_terms * np.log(given.mu / (given.mu + doc_len))


def _length_norm(doc_len: Weights, avg_len: float, given: WeightingParameters) -> Weights:
    return given.k1 * (1 - given.b + given.b * doc_len / avg_len)


def idf_one(stats: TermStatistics) -> float:
    """1: every term counts the same."""
    return 1.0


def idf_classic(stats: TermStatistics) -> float:
    """log(N / (1 + df))."""
    return float(np.log(stats.n_docs / (1 + stats.df)))


def idf_smooth(stats: TermStatistics) -> float:
    """log((1 + N) / (1 + df)) + 1.

    Source: scikit-learn, TfidfTransformer(smooth_idf=True, norm=None)."""
    return float(np.log((1 + stats.n_docs) / (1 + stats.df)) + 1)


def idf_lucene(stats: TermStatistics) -> float:
    """log(1 + (N − df + 0.5) / (df + 0.5)); positive."""
    return positive_idf(stats.n_docs, stats.df)


def positive_idf(n_docs: int, df: int) -> float:
    """log(1 + (N − df + 0.5) / (df + 0.5)): what a term tells, whatever the weighting; df may be 0."""
    return float(np.log(1 + (n_docs - df + 0.5) / (df + 0.5)))


def idf_robertson(stats: TermStatistics) -> float:
    """log((N − df + 0.5) / (df + 0.5)); negative above N / 2."""
    return float(np.log((stats.n_docs - stats.df + 0.5) / (stats.df + 0.5)))


def idf_plain(stats: TermStatistics) -> float:
    """log(N / df)."""
    return float(np.log(stats.n_docs / stats.df))


def idf_plus(stats: TermStatistics) -> float:
    """log((N + 1) / df)."""
    return float(np.log((stats.n_docs + 1) / stats.df))


def idf_l(stats: TermStatistics) -> float:
    """log((N + 1) / (df + 0.5))."""
    return float(np.log((stats.n_docs + 1) / (stats.df + 0.5)))


def idf_collection(stats: TermStatistics) -> float:
    """−log p(t|C): how surprising the term is in the collection."""
    return float(np.log(stats.total_len / stats.cf))


def saturated(query_tf: int, given: WeightingParameters) -> float:
    """(k3 + 1)·qtf / (k3 + qtf): a term repeated in the query counts more, ever more slowly; k3 = 0: once.

    Source: Okapi at TREC-3."""
    return (given.k3 + 1) * query_tf / (given.k3 + query_tf)


def linear(query_tf: int, given: WeightingParameters) -> float:
    """qtf: a dot product counts a repeated term as often as it stands there."""
    return float(query_tf)


@dataclass(frozen=True, slots=True)
class Weighting:
    """One way to turn counts into weights: `gain` for counts in a document, `idf` for what a term says,
    `repeat` for a term that stands in the query more than once, `curve` where the weight of a term is not
    idf · gain, `length` for what a document's length says by itself, given how many terms the query has.
    `signed`: a weight may be below 0, which one for a term in most documents then is."""

    gain: Gain
    idf: Idf
    repeat: Callable[[int, WeightingParameters], float]
    curve: Callable[[Weights, TermStatistics, WeightingParameters], Weights] | None = None
    length: Callable[[Weights, float, WeightingParameters], Weights] | None = None
    signed: bool = False

    def weigh(
        self, tf: Weights, doc_len: Weights, stats: TermStatistics, given: WeightingParameters
    ) -> Weights:
        """The weights of one term in documents."""
        return self.bend(self.gain(tf, doc_len, stats.avg_len, given), 1.0, stats, given)

    def bend(
        self, gain: Weights, factor: float, stats: TermStatistics, given: WeightingParameters
    ) -> Weights:
        """The weights of one term for these gains, times a factor."""
        if self.curve is None:
            return self.idf(stats) * factor * gain
        return self.curve(gain, stats, given) * factor


WEIGHTINGS: dict[str, dict[str, Weighting]] = {  # type → variant; the first is the default
    "bow": {
        "count": Weighting(count, idf_one, linear),
        "binary": Weighting(binary, idf_one, linear),
    },
    "tfidf": {
        "smooth": Weighting(count, idf_smooth, linear),
        "classic": Weighting(relative, idf_classic, linear, signed=True),
    },
    "bm25": {
        "lucene": Weighting(saturating, idf_lucene, saturated),
        "robertson": Weighting(saturating_okapi, idf_robertson, saturated, signed=True),
        "atire": Weighting(saturating_okapi, idf_plain, saturated),
        "bm25+": Weighting(saturating_plus, idf_plus, saturated),
        "bm25l": Weighting(saturating_l, idf_l, saturated),
    },
    "lm": {
        "dirichlet": Weighting(count, idf_collection, linear, dirichlet, dirichlet_length),
    },
}


def weighting(kind: str, variant: str | None = None) -> Weighting:
    """The weighting of that type and variant; the type's first where no variant is named.

    Raises: UnknownNameError with the known names."""
    try:
        variants = WEIGHTINGS[kind]
    except KeyError:
        raise UnknownNameError("weighting", kind, WEIGHTINGS) from None
    if variant is None:
        return next(iter(variants.values()))
    try:
        return variants[variant]
    except KeyError:
        raise UnknownNameError(f"{kind} variant", variant, variants, pointer="/variant") from None
