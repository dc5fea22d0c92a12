"""Which documents hold a term, or terms that stand together: sets of documents, as bits."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from indexer.analysis import Analyzer
from indexer.lexical.lookup import holders
from indexer.lexical.phrases import Placed, phrase_documents, together
from indexer.lexical.segment import Segment
from indexer.lexical.selection import Bits, any_of, bits_of
from indexer.types import Ordinals

_CHINESE = ("characters", "bigrams", "trigrams")


class Documents:
    """Sets of the documents of an index, found segment by segment. `scattered` notes the phrases that had to
    do without positions."""

    def __init__(self, segments: Sequence[Segment], analyzer: Analyzer) -> None:
        self.scattered: dict[str, None] = {}
        self.n_docs = segments[0].placement.n_all
        self._segments = segments
        self._store = segments[0].store  # all have the same views
        self._analyzer = analyzer

    def all(self) -> Bits:
        """Every document."""
        return bits_of(slice(None), self.n_docs)

    def any_of(self, sets: Iterable[Bits]) -> Bits:
        """Those in any of the sets."""
        return any_of(sets, self.n_docs)

    def with_any(self, view: str, terms: Iterable[str], fields: Collection[str]) -> Bits:
        """Those that hold any of these terms of a view in any of these fields."""
        wanted = list(terms)

        def held(segment: Segment) -> Iterator[Ordinals]:
            numbers = segment.arrays.numbers(view, wanted).tolist()
            return (holders(segment.arrays, number, fields) for number in numbers if number >= 0)

        return self._outward(held)

    def with_phrase(self, text: str, slop: int, fields: Collection[str]) -> Bits:
        """Those with a text in one of these fields: its units, or else the words that it is segmented into,
        in their order. Where the index has positions of neither, all of its terms, wherever they stand."""
        tokens = self._analyzer.analyse(text)
        spelled = [Placed(unit.view, unit.term, unit.position) for unit in self._analyzer.units(text)]
        segmented = [Placed("words", *each) for each in zip(tokens.terms, tokens.positions, strict=True)]
        for phrase in (spelled, segmented):
            views = self._store.positioned if len(phrase) > 1 else self._store.views
            if all(each.view in views for each in phrase):
                return self.with_placed(phrase, slop, fields)
        self.scattered[text] = None
        return self._together(self._scattered(text), fields)

    def with_placed(self, phrase: Sequence[Placed], slop: int, fields: Collection[str]) -> Bits:
        """Those with these terms at their places, or up to `slop` farther apart."""
        if len(phrase) > 1 and not all(each.view in self._store.positioned for each in phrase):
            return self._together({(each.view, each.term) for each in phrase}, fields)
        return self._outward(lambda each: [phrase_documents(each.store, each.arrays, phrase, slop, fields)])

    def _together(self, terms: Collection[tuple[str, str]], fields: Collection[str]) -> Bits:
        return self._outward(lambda each: [together(each.arrays, terms, fields)])

    def _outward(self, found: Callable[[Segment], Iterable[Ordinals]]) -> Bits:
        """Those that are found in any segment, as documents of the whole."""
        return self.any_of(
            bits_of(segment.placement.outward(ordinals), self.n_docs)
            for segment in self._segments
            for ordinals in found(segment)
        )

    def _scattered(self, text: str) -> set[tuple[str, str]]:
        """The terms that every document with this text holds: (view, term)."""
        views = [view for view in _CHINESE if view in self._store.views]
        terms = {(view, term) for view in views for term in self._analyzer.analyse(text, view).terms}
        if "words" in self._store.views:
            spelled = {(unit.view, unit.term) for unit in self._analyzer.units(text)}
            terms |= {each for each in spelled if each[0] == "words"}
            if not views:
                terms |= {("words", term) for term in self._analyzer.analyse(text).terms}
        return terms
