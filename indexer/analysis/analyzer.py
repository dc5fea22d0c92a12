"""The analysis of an index: how its texts, and the queries to it, become terms."""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from hashlib import sha256
from importlib.metadata import version

import orjson

from indexer.analysis.finding import Finder
from indexer.analysis.folding import fold
from indexer.analysis.lexicon import Lexicon
from indexer.analysis.queries import QueryAnalysis
from indexer.analysis.units import Unit, units
from indexer.analysis.views import view
from indexer.types import AnalysisSettings, Tokens

_VERSION = 2


class Analyzer:
    """Turns texts into terms, under the settings of one index."""

    def __init__(self, settings: AnalysisSettings) -> None:
        self.settings = settings
        self.lexicon = Lexicon(settings.dictionary)
        self._queries = QueryAnalysis(settings, self.lexicon)

    def analyse(self, text: str, view_name: str = "words") -> Tokens:
        """The tokens of a text in one view. Raises: UnknownNameError."""
        return view(view_name).tokens(fold(text), self.lexicon)

    def query_terms(self, text: str, views: Iterable[str]) -> dict[str, list[str]]:
        """The terms of a query in each view, as `QueryAnalysis.terms`. Raises: UnknownNameError."""
        return self._queries.terms(text, views)

    def content_terms(self, text: str, views: Iterable[str]) -> dict[str, list[str]]:
        """The terms of a text without stop words, as `QueryAnalysis.content`. Raises: UnknownNameError."""
        return self._queries.content(text, views)

    def query_pieces(self, text: str) -> list[str]:
        """The parts of a query between spaces, as `QueryAnalysis.pieces`."""
        return self._queries.pieces(text)

    def stops(self, form: str) -> bool:
        """Whether a query loses a folded word while others remain."""
        return form in self._queries.stop_terms

    @property
    def stop_terms(self) -> Collection[str]:
        """The folded words that a query loses while others remain, also as stems."""
        return self._queries.stop_terms

    def finder(self, terms: Mapping[str, Collection[str]]) -> Finder:
        """What finds these terms, by view, in texts. Raises: UnknownNameError."""
        return Finder(self.lexicon, terms)

    def units(self, text: str) -> list[Unit]:
        """What a text is spelled of: where it stands, whatever stands beside it, its units stand."""
        return units(fold(text))

    def fingerprint(self) -> str:
        """What the terms depend on: the versions of this code, of the dictionaries and stemmer it uses, and
        the words that the index adds to them."""
        parts = [
            f"analysis {_VERSION}",
            *(f"{name} {version(name)}" for name in ("opencc", "PyStemmer", "rjieba")),
            *sorted(set(self.settings.dictionary)),
        ]
        return f"sha256:{sha256(' · '.join(parts).encode()).hexdigest()}"

    @cached_property
    def query_fingerprint(self) -> str:
        """What else the terms of a query depend on: the stop words and synonyms of the index."""
        listed = orjson.dumps([self.settings.stop_words, self.settings.synonyms])
        return f"sha256:{sha256(listed).hexdigest()}"


_DEFAULT = Analyzer(AnalysisSettings())
analyse = _DEFAULT.analyse
query_terms = _DEFAULT.query_terms
