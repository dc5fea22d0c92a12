"""The terms of a query: those of a document's analysis, less the words that only ask."""

from collections.abc import Iterable

from indexer.analysis.folding import fold
from indexer.analysis.stopwords import CHINESE, ENGLISH
from indexer.analysis.views import stem, view

STOP_TERMS = frozenset(map(stem, ENGLISH)) | ENGLISH | CHINESE


def query_terms(text: str, views: Iterable[str]) -> dict[str, list[str]]:
    """The terms of a query in each view, in order, repeated as often as they stand there.

    Stop words go, unless nothing else remains in any view: `to be or not to be` is a query."""
    folded = fold(text)
    every = {name: view(name)(folded).terms for name in views}
    kept = {name: [term for term in terms if term not in STOP_TERMS] for name, terms in every.items()}
    return kept if any(kept.values()) else every
