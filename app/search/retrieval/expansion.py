"""A query with the neighbours of its words: what stands near them in a space of word vectors counts too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.search.ranking import ExpansionSettings
from app.search.retrieval.question import Asked
from indexer.encoders import Encoding, WordSpace
from indexer.errors import FeatureMissingError, UnknownNameError
from indexer.generation import Dense, Generation
from indexer.lexical import Clause, Matches
from indexer.types import Allowed, Ordinals

MOST_WORDS = 32
"""Words of a query, from its beginning, whose neighbours are looked for."""


@dataclass(frozen=True, slots=True)
class ExpansionTerm:
    """A term that the query has not, the word of the query that it is near to, its cosine with it, and what a
    match of it counts beside one of the word itself."""

    term: str
    of: str
    similarity: float
    weight: float


class Expanded:
    """A question whose lexical clauses have more terms; in all else it is the question that it was."""

    def __init__(self, generation: Generation, question: Asked, terms: Sequence[ExpansionTerm]) -> None:
        self.text = question.text
        self.warnings = question.warnings
        self._analyzer = generation.analyzer
        self._question = question
        self._terms = terms

    def clauses(self, views: Sequence[str], fields: Mapping[str, float]) -> Sequence[Clause]:
        """Those of the question, and one for each term, with its weight as boost."""
        more = [Clause(self._by_view(each.term, views), fields, each.weight) for each in self._terms]
        return [*self._question.clauses(views, fields), *more]

    def matches(self, views: Sequence[str], fields: Mapping[str, float]) -> Matches | None:
        """As the question."""
        return self._question.matches(views, fields)

    def limited(self) -> Allowed | None:
        """As the question."""
        return self._question.limited()

    def unranked(self) -> Ordinals | None:
        """As the question."""
        return self._question.unranked()

    def encoding(self, dense: Dense) -> Encoding:
        """As the question."""
        return self._question.encoding(dense)

    def _by_view(self, term: str, views: Sequence[str]) -> dict[str, list[str]]:
        """The term as it stands among words, and what its characters are in the other views."""
        return {
            view: [term] if view == "words" else self._analyzer.analyse(term, view).terms for view in views
        }


def expansion_of(
    generation: Generation, question: Asked, settings: ExpansionSettings
) -> Sequence[ExpansionTerm]:
    """The neighbours of the query's words that are near enough, the nearest first; none for stop words.

    A term that is near to several words is told of the nearest. Ties: by the term.
    Raises: UnknownNameError, FeatureMissingError where the index has no such space."""
    space = _space(generation, settings.encoder)
    own = dict.fromkeys(generation.analyzer.content_terms(question.text, ["words"])["words"])
    found: dict[str, ExpansionTerm] = {}
    for word in list(own)[:MOST_WORDS]:
        known = space.word(word)
        if known is None:
            continue
        for term, cosine in space.nearest(known.vector, settings.terms, own):
            similarity = round(cosine, 6)
            if similarity >= settings.least and (term not in found or similarity > found[term].similarity):
                found[term] = ExpansionTerm(term, word, similarity, round(settings.weight * similarity, 6))
    return sorted(found.values(), key=lambda each: (-each.similarity, each.term))


def _space(generation: Generation, name: str | None) -> WordSpace:
    """The encoder of that name, the first that has learned words where none is named."""
    spaces = {
        each: dense.encoder
        for each, dense in generation.dense.items()
        if isinstance(dense.encoder, WordSpace)
    }
    if not spaces:
        raise FeatureMissingError("This index has no word vectors to expand a query by: add an encoder.")
    if name is not None and name not in spaces:
        raise UnknownNameError("encoder", name, spaces, pointer="/expansion/encoder")
    return next(iter(spaces.values())) if name is None else spaces[name]
