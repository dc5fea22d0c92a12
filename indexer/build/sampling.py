"""A few documents of an index, and what somebody could ask who looks for them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from indexer.analysis import Analyzer
from indexer.generation import Generation
from indexer.types import Document

MOST_DOCUMENTS = 64
LONGEST_TEXT = 10_000
"""Characters of a text that is analysed once more."""

QUERY_TERMS = 3


class Sample:
    """Documents evenly spread, taken while all of them stream by. `texts`: by key, one field of each."""

    def __init__(self, fields: Sequence[str], total: int) -> None:
        self._fields = fields
        self._step = max(1, total // MOST_DOCUMENTS)
        self.texts: dict[str, str] = {}

    def through(self, documents: Iterable[Document]) -> Iterator[Document]:
        """The same documents, some of them taken on their way."""
        for number, each in enumerate(documents):
            if number >= len(self.texts) * self._step and len(self.texts) < MOST_DOCUMENTS:
                self._take(each)
            yield each

    def _take(self, document: Document) -> None:
        for text in map(document.text, self._fields):
            if text.strip() and len(text) <= LONGEST_TEXT:
                self.texts[document.doc_id] = text
                return


@dataclass(frozen=True, slots=True)
class SampleQuery:
    """A query that was taken from a document: its text, and its terms in one view."""

    doc_id: str
    text: str
    view: str
    terms: Sequence[str]


def sample_queries(sample: Sample, generation: Generation) -> list[SampleQuery]:
    """From each document the terms that tell it best: the rarest that others have too, in their order."""
    views = generation.lexical.views
    view = "words" if "words" in views else views[0]
    found = (_query(*each, view, generation) for each in sample.texts.items())
    return [each for each in found if each is not None]


def _query(doc_id: str, text: str, view: str, generation: Generation) -> SampleQuery | None:
    tokens = generation.analyzer.analyse(text, view)
    places = {term: place for place, term in reversed(list(enumerate(tokens.terms)))}
    telling = _without_stop_words(places, generation.analyzer) or list(places)
    df = {term: each for term, (each, _) in generation.lexical.frequencies(view, telling).items()}
    rarest = sorted(telling, key=lambda term: (df.get(term, 0) < 2, df.get(term, 0), places[term]))
    terms = sorted(rarest[:QUERY_TERMS], key=places.__getitem__)
    written = [text[tokens.starts[places[term]] : tokens.ends[places[term]]] for term in terms]
    return SampleQuery(doc_id, " ".join(written), view, terms) if terms else None


def _without_stop_words(terms: Iterable[str], analyzer: Analyzer) -> list[str]:
    return [term for term in terms if not analyzer.stops(term)]
