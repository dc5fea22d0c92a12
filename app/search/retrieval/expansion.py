"""A query with the neighbours of its words: what stands near them in a space of word vectors counts too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.search.ranking import ExpansionSettings
from indexer.encoders import WordSpace
from indexer.errors import FeatureMissingError, UnknownNameError
from indexer.generation import Generation
from indexer.lexical import Clause

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


def expansion_clauses(
    generation: Generation, terms: Sequence[ExpansionTerm], views: Sequence[str], fields: Mapping[str, float]
) -> list[Clause]:
    """A clause for each term, with its weight as boost: the term as it stands among words, and what its
    characters are in the other views."""
    return [
        Clause(
            {
                view: [each.term] if view == "words" else generation.analyzer.analyse(each.term, view).terms
                for view in views
            },
            fields,
            each.weight,
        )
        for each in terms
    ]


def expansion_of(generation: Generation, text: str, settings: ExpansionSettings) -> Sequence[ExpansionTerm]:
    """The neighbours of a text's words that are near enough, the nearest first; none for stop words.

    A term that is near to several words is told of the nearest. Ties: by the term.
    Raises: UnknownNameError, FeatureMissingError where the index has no such space."""
    space = _space(generation, settings.encoder)
    own = dict.fromkeys(generation.analyzer.content_terms(text, ["words"])["words"])
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
