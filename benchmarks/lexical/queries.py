"""The queries: terms that stand together in some document, drawn with a seed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.lexical.corpora import Corpus, word

MODES = ("mix", "stop")
"""mix: without terms that stand in over a quarter of the documents · stop: with at least one of these."""

_FREQUENT = 0.25
_FEWEST, _MOST = 2, 6
_SEED = 7


@dataclass(frozen=True, slots=True)
class Query:
    """One query, as numbers of terms and as the tokens that stand for them."""

    numbers: list[int]
    terms: list[str]


def draw(corpus: Corpus, mode: str, n: int, frequent: NDArray[np.int64]) -> list[Query]:
    """That many queries of 2 to 6 different terms; none where no term is frequent enough for `stop`."""
    if mode == "stop" and not len(frequent):
        return []
    rng = np.random.default_rng([_SEED, MODES.index(mode)])
    drawn = _drawn(corpus, mode, frequent, rng)
    return [next(drawn) for _ in range(n)]


def frequent_terms(corpus: Corpus) -> NDArray[np.int64]:
    """Numbers of the terms that stand in over a quarter of the documents, ascending."""
    limit = corpus.n_docs * _FREQUENT
    candidates = np.flatnonzero(np.bincount(corpus.terms) > limit)  # occurrences: never fewer than documents
    frequent = [number for number in candidates.tolist() if np.count_nonzero(corpus.counts(number)) > limit]
    return np.array(frequent, np.int64)


def _drawn(
    corpus: Corpus, mode: str, frequent: NDArray[np.int64], rng: np.random.Generator
) -> Iterator[Query]:
    while True:
        document = int(rng.integers(corpus.n_docs))
        size = int(rng.integers(_FEWEST, _MOST + 1))
        terms = np.unique(corpus.terms[corpus.starts[document] : corpus.starts[document + 1]])
        if mode == "mix":
            terms = np.setdiff1d(terms, frequent)
        if len(terms) < _FEWEST:
            continue
        chosen = rng.choice(terms, min(size, len(terms)), replace=False)
        if mode == "mix" or np.isin(chosen, frequent).any():
            numbers = chosen.tolist()
            yield Query(numbers, [word(number) for number in numbers])
