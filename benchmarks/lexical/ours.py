"""TextPrism's own inverted index."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

import indexer
from benchmarks.lexical.base import Hits, PythonEngine, Round, timed
from indexer.analysis import Analyzer, BatchAnalyzer
from indexer.lexical import (
    ARRAYS,
    FILE_NAME,
    Bits,
    Clause,
    LexicalBuilder,
    LexicalIndex,
    LexicalQuery,
    Segment,
    SqliteLexical,
    bits,
    open_arrays,
    warm,
    write_arrays,
)
from indexer.storage.files import checksum
from indexer.types import SCORE_UNIT, AnalysisSettings, Ranking
from indexer.weighting import WeightingParameters, weighting

_FIELD, _VIEW = "text", "words"
_SOURCE = "benchmark"  # stands for the checksum of a generation
_BATCH = 1_000
_SEED = 3
_GIVEN = WeightingParameters()


@dataclass(frozen=True, slots=True)
class _Variant:
    """What is asked for beside the terms; `share`: of the documents, how many may be found, at random."""

    kind: str = "bm25"
    name: str | None = None
    given: WeightingParameters = _GIVEN
    share: float | None = None


_PLAIN = _Variant()
_VARIANTS = {
    "plain": _PLAIN,
    "filter 50 %": _Variant(share=0.5),
    "filter 10 %": _Variant(share=0.1),
    "filter 1 %": _Variant(share=0.01),
    "1 % deleted": _Variant(share=0.99),
    "bm25+": _Variant(name="bm25+"),
    "atire": _Variant(name="atire"),
    "robertson": _Variant(name="robertson"),
    "k1 = 0.9, b = 0.4": _Variant(given=WeightingParameters(k1=0.9, b=0.4)),
    "lm": _Variant("lm"),
    "tfidf": _Variant("tfidf"),
}


class Engine(PythonEngine):
    """The index of this repository as it stands."""

    def __init__(self, _tools: Path) -> None:
        """Every engine is given a folder for tools; this one needs none.

        The compiled code is loaded, as a service does when it starts."""
        warm()
        self._index: LexicalIndex | None = None
        self._allowed: dict[float, Bits] = {}

    def version(self) -> str:
        """The version of this repository."""
        return f"TextPrism {indexer.__version__}"

    def build(self, documents: Path, folder: Path) -> None:
        """Nothing; the folder holds the index and its serving form, made as an import makes them."""
        analyzer = BatchAnalyzer(Analyzer(AnalysisSettings()), [_VIEW])
        builder = LexicalBuilder(folder / FILE_NAME, [_FIELD], [_VIEW])
        first = 0
        for lines in _batches(documents):
            keys = [f"{number:08}" for number in range(first, first + len(lines))]
            builder.add(keys, analyzer.analyse(lines))
            first += len(lines)
        builder.finish({_VIEW: analyzer.vocabulary(_VIEW).terms()})
        store = SqliteLexical(folder / FILE_NAME)
        write_arrays(store, folder / ARRAYS, _SOURCE)
        store.close()

    def open(self, folder: Path) -> None:
        """Nothing; the index is open, and its files have been checked as those of a generation are."""
        checksum(folder / FILE_NAME)
        store = SqliteLexical(folder / FILE_NAME)
        self._index = LexicalIndex([Segment(store, open_arrays(store, folder / ARRAYS, _SOURCE))])

    def answer(self, terms: Sequence[str], k: int) -> Ranking:
        """A ranking of ordinals."""
        return self._rank(_PLAIN, None, terms, k)

    def hits(self, answer: Ranking) -> Hits:
        """Lines are ordinals, since the keys ascend with them."""
        return list(zip(answer.ordinals.tolist(), (answer.scores / SCORE_UNIT).tolist(), strict=True))

    def variants(self) -> list[str]:
        """Names of the ways to ask, the plain one first."""
        return list(_VARIANTS)

    def round_of(self, variant: str, queries: Sequence[Sequence[str]], k: int) -> Round:
        """How long each query took in that way."""
        asked = _VARIANTS[variant]
        return timed(partial(self._rank, asked, self._drawn(asked.share)), queries, k)

    def _drawn(self, share: float | None) -> Bits | None:
        """The documents that may be found, drawn once for each share."""
        if share is None:
            return None
        if share not in self._allowed:
            assert self._index is not None, "opened before it is asked"
            chance = np.random.default_rng(_SEED).random(self._index.n_docs)
            self._allowed[share] = bits(chance < share)
        return self._allowed[share]

    def _rank(self, asked: _Variant, allowed: Bits | None, terms: Sequence[str], k: int) -> Ranking:
        assert self._index is not None, "opened before it is asked"
        query = LexicalQuery(
            clauses=[Clause({_VIEW: terms}, {_FIELD: 1.0})],
            weighting=weighting(asked.kind, asked.name),
            given=asked.given,
        )
        return self._index.rank(query, k, allowed)


def _batches(documents: Path) -> Iterator[list[str]]:
    with documents.open(encoding="ascii") as lines:
        while batch := list(islice(lines, _BATCH)):
            yield batch
