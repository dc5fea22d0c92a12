"""The terms of a query: those of a document's analysis, less the words that only ask."""

from collections.abc import Iterable

from indexer.analysis.folding import fold
from indexer.analysis.stopwords import CHINESE, ENGLISH
from indexer.analysis.views import stem, view, words
from indexer.types import Tokens

STOP_TERMS = frozenset(map(stem, ENGLISH)) | ENGLISH | CHINESE


def query_terms(text: str, views: Iterable[str]) -> dict[str, list[str]]:
    """The terms of a query in each view, in order, repeated as often as they stand there.

    Stop words go from every view, with the characters that they are made of: of 怎样保护视力 (how to
    protect the eyes) nothing of 怎样 remains. They stay where nothing else is left in any view: `to be or
    not to be` is a query."""
    folded = fold(text)
    asked = _places(words(folded))
    every = {name: view(name)(folded) for name in views}
    kept = {name: _without(tokens, asked) for name, tokens in every.items()}
    return kept if any(kept.values()) else {name: tokens.terms for name, tokens in every.items()}


def _places(tokens: Tokens) -> set[int]:
    """The characters of the text that stand in a stop word."""
    places = zip(tokens.terms, tokens.starts, tokens.ends, strict=True)
    return {place for term, start, end in places if term in STOP_TERMS for place in range(start, end)}


def _without(tokens: Tokens, places: set[int]) -> list[str]:
    """The terms that are no stop words and do not lie inside of one."""
    found = zip(tokens.terms, tokens.starts, tokens.ends, strict=True)
    return [
        term
        for term, start, end in found
        if term not in STOP_TERMS and not places.issuperset(range(start, end))
    ]
