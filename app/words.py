"""Words in the spaces of an index: which are near to each other, and which are to them as others are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.encoders import Encoding, WordSpace
from indexer.errors import FeatureMissingError, InputError, UnknownNameError
from indexer.generation import Generation


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A term that an encoder has learned, and its cosine with what was asked about."""

    term: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What is near to a text in one space. `made`: its terms that were never learned, whose vectors are made
    of their characters; `unknown`: those without a vector. Without any known term there are no neighbours."""

    encoder: str
    terms: Sequence[str]
    made: Sequence[str]
    unknown: Sequence[str]
    neighbours: Sequence[Neighbour]


@dataclass(frozen=True, slots=True)
class WordNeighbours:
    """A word, or any text, in every space that was asked for."""

    text: str
    spaces: Sequence[Neighbours]


@dataclass(frozen=True, slots=True)
class Analogy:
    """a is to b as c is to each of the answers, in one space."""

    a: str
    b: str
    c: str
    encoder: str
    answers: Sequence[Neighbour]


def word_neighbours(
    generation: Generation, text: str, encoders: Sequence[str] | None = None, limit: int = 10
) -> WordNeighbours:
    """The terms nearest to a text in each of the spaces, its own terms left out.

    Raises: FeatureMissingError where the index has no space, UnknownNameError, InputError for no text."""
    if not text.strip():
        raise InputError("A word is wanted, found none.", pointer="?term", code="empty_text")
    names = _spaces(generation) if encoders is None else encoders
    return WordNeighbours(text, [_neighbours(generation, text, name, limit) for name in names])


def analogy(
    generation: Generation, a: str, b: str, c: str, encoder: str | None = None, limit: int = 10
) -> Analogy:
    """The terms nearest to b − a + c, each at length 1, none of these among them.

    Source: Mikolov, Yih, Zweig: Linguistic Regularities in Continuous Space Word Representations, 2013.
    Raises: as `word_neighbours`; InputError where one of the three has no vector."""
    name = encoder or _spaces(generation)[0]
    space = _space(generation, name)
    encodings = [_encoded(space, text) for text in (a, b, c)]
    of_a, of_b, of_c = (
        _known(each, name, text, parameter)
        for each, text, parameter in zip(encodings, (a, b, c), "abc", strict=True)
    )
    wanted = (of_b - of_a + of_c).astype(np.float32)
    given = {token.term for each in encodings for token in each.tokens}
    answers = [Neighbour(*each) for each in space.nearest(wanted, limit, given)]
    return Analogy(a, b, c, name, answers)


def _known(encoding: Encoding, encoder: str, text: str, parameter: str) -> NDArray[np.float64]:
    """The vector of a text. Raises: InputError where it has none."""
    if encoding.vector is None:
        raise InputError(
            f"`{encoder}` has no vector for `{text[:100]}`: ask with words that stand in the documents.",
            pointer=f"?{parameter}",
            code="unknown_word",
        )
    return encoding.vector.astype(np.float64)


def _neighbours(generation: Generation, text: str, name: str, limit: int) -> Neighbours:
    space = _space(generation, name)
    encoding = _encoded(space, text)
    terms = list(dict.fromkeys(token.term for token in encoding.tokens))
    made = list(dict.fromkeys(token.term for token in encoding.tokens if token.made))
    found = [] if encoding.vector is None else space.nearest(encoding.vector, limit, terms)
    return Neighbours(name, terms, made, list(encoding.oov), [Neighbour(*each) for each in found])


def _encoded(space: WordSpace, text: str) -> Encoding:
    [encoding] = space.encode([text])
    return encoding


def _spaces(generation: Generation) -> list[str]:
    """The encoders of the index that have learned words. Raises: FeatureMissingError where there is none."""
    found = [name for name, each in generation.dense.items() if isinstance(each.encoder, WordSpace)]
    if not found:
        raise FeatureMissingError(
            "This index has no word vectors: add an encoder of the type word2vec, glove or fasttext to its "
            "settings, and reindex."
        )
    return found


def _space(generation: Generation, name: str) -> WordSpace:
    known = _spaces(generation)
    if name not in known:
        raise UnknownNameError("encoder", name, known, pointer="?encoder")
    space = generation.dense[name].encoder
    assert isinstance(space, WordSpace)
    return space
