"""The terms of a query: those of a document's analysis, less the words that only ask, and with synonyms."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from indexer.analysis.entries import Entries, spelling
from indexer.analysis.folding import Folded, fold
from indexer.analysis.lexicon import Lexicon
from indexer.analysis.stopwords import CHINESE, ENGLISH
from indexer.analysis.synonyms import Synonyms
from indexer.analysis.units import units
from indexer.analysis.views import stem, view, words
from indexer.types import AnalysisSettings, Tokens

STOP_TERMS = frozenset(map(stem, ENGLISH)) | ENGLISH | CHINESE


class QueryAnalysis:
    """The analysis of the queries to an index, whose stop words and synonyms change nothing of documents."""

    def __init__(self, settings: AnalysisSettings, lexicon: Lexicon) -> None:
        self._settings = settings
        self._lexicon = lexicon

    def terms(self, text: str, views: Iterable[str]) -> dict[str, list[str]]:
        """The terms of a query in each view, in order, repeated as often as they stand there; behind them,
        each once, those of synonyms. Raises: UnknownNameError.

        Stop words go from every view, with the characters that they are made of: of 怎样保护视力 (how to
        protect the eyes) nothing of 怎样 remains. They stay where nothing else is left in any view: `to be or
        not to be` is a query."""
        folded, wanted = fold(text), list(views)
        single = words(folded, self._lexicon)
        found = self._asked(folded, single, wanted)
        for entry in self._synonyms.of(folded, single):
            other = fold(entry)
            more = self._asked(other, words(other, self._lexicon), wanted)
            found = {name: [*terms, *_new(more[name], terms)] for name, terms in found.items()}
        return found

    def content(self, text: str, views: Iterable[str]) -> dict[str, list[str]]:
        """The same of the text alone, without synonyms. Raises: UnknownNameError."""
        folded = fold(text)
        return self._asked(folded, words(folded, self._lexicon), list(views))

    def pieces(self, text: str) -> list[str]:
        """The parts of a text between spaces that hold any unit; those of stop words alone only where there
        are no others."""
        every = [piece for piece in text.split() if units(fold(piece))]
        return [piece for piece in every if not self._only_asks(fold(piece))] or every

    def _asked(self, folded: Folded, single: Tokens, views: Sequence[str]) -> dict[str, list[str]]:
        """The terms of a folded text without its stop words, given its words."""
        places = self._stopped(folded, single)
        every = {name: view(name).tokens(folded, self._lexicon) for name in views}
        kept = {name: self._without(tokens, places) for name, tokens in every.items()}
        return kept if any(kept.values()) else {name: tokens.terms for name, tokens in every.items()}

    def _only_asks(self, folded: Folded) -> bool:
        single = words(folded, self._lexicon)
        return not self._without(single, self._stopped(folded, single))

    def _stopped(self, folded: Folded, single: Tokens) -> set[int]:
        """The characters of the text that stand in a stop word."""
        found = zip(single.terms, single.starts, single.ends, strict=True)
        spans = [(start, end) for term, start, end in found if term in self.stop_terms]
        for each in self._stop_phrases.find(folded, set(single.starts), set(single.ends)):
            spans.append((each.start, each.end))
        return {place for start, end in spans for place in range(start, end)}

    def _without(self, tokens: Tokens, places: set[int]) -> list[str]:
        """The terms that are no stop words and do not lie inside of one."""
        found = zip(tokens.terms, tokens.starts, tokens.ends, strict=True)
        return [
            term
            for term, start, end in found
            if term not in self.stop_terms and not places.issuperset(range(start, end))
        ]

    @cached_property
    def stop_terms(self) -> frozenset[str]:
        """The words that a query loses while others remain, also as stems."""
        if self._settings.stop_words is None:
            return STOP_TERMS
        folded = [fold(each).text for each in self._settings.stop_words]
        return frozenset([*folded, *map(stem, folded)])

    @cached_property
    def _stop_phrases(self) -> Entries:
        """Stop words that are several units: the segmenter may cut them."""
        listed = map(spelling, self._settings.stop_words or ())
        return Entries(each for each in listed if len(each) > 1)

    @cached_property
    def _synonyms(self) -> Synonyms:
        return Synonyms(self._settings.synonyms)


def _new(terms: Iterable[str], known: Sequence[str]) -> list[str]:
    """Those of the terms that are not known yet, each once."""
    held = set(known)
    return [term for term in dict.fromkeys(terms) if term not in held]
