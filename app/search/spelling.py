"""A query with the words that it may have meant for those that no document has."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from app.search.query import Parsed, parse, render
from app.search.query.grammar import ASCII_FORMS, without_operators
from app.search.request import check_query
from indexer.errors import InputError
from indexer.generation import Generation
from indexer.query import Words
from indexer.spelling import MOST_WORDS, Candidate, Similarity, Span, corrected

SIMILAR_BY = "fasttext"
"""The type of the encoders that know how alike a word that was never learned is to others."""

_NAME = re.compile(r"\w+:")  # a word that would be a field if it became the name of one


@dataclass(frozen=True, slots=True)
class SpelledWord:
    """A word of a query at [start, end).

    known: it is in a document, or is none that could be corrected · correction: what stands for it in the
    corrected query; None where it stays · candidates: what may have been meant, the best first."""

    text: str
    offset: tuple[int, int]
    known: bool
    correction: str | None
    candidates: Sequence[Candidate]


@dataclass(frozen=True, slots=True)
class Spelling:
    """A query, and how it is when its slips are mended; None where it stays as it is.

    encoder: by which the similarities are; None where there are none."""

    q: str
    corrected: str | None
    words: Sequence[SpelledWord]
    encoder: str | None
    generation: str
    warnings: Sequence[str]


def spell(generation: Generation, q: str, limit: int = 5) -> Spelling:
    """The words of a query that are looked for as they are written, with `limit` candidates at most.

    What must not match, prefixes, fuzzy words and names of fields are left alone. Raises: InputError for no
    text, or too much of it."""
    check_query(q, "?q")
    if not q.strip():
        raise InputError("A query is wanted, found none.", pointer="?q", code="empty_text")
    encoder = _encoder(generation)
    similarity = None if encoder is None else _similarity(generation, encoder)
    parsed = _parsed(generation, q)
    text = without_operators(q) if parsed.broken else q
    looked = generation.corrector.words(text, list(_spans(text, parsed)), limit, similarity)
    warnings = list(parsed.warnings)
    if not looked.whole:
        warnings.append(f"Only the first {MOST_WORDS} words of the query were looked at.")
    words = [
        SpelledWord(each.text, (each.start, each.end), each.known, each.correction, each.candidates)
        for each in looked.words
    ]
    mended = _written(generation, parsed, corrected(text, looked.words))
    return Spelling(q, mended, words, encoder, generation.name, warnings)


def mended(generation: Generation, q: str) -> str | None:
    """The query with its slips mended; None where there is none.

    Of `MOST_WORDS` words or fewer, what comes of it has none any more."""
    return spell(generation, q, 1).corrected if q.strip() else None


def similarity_in(generation: Generation) -> Similarity | None:
    """How alike two words are by the first FastText encoder of an index; None where it has none."""
    encoder = _encoder(generation)
    return None if encoder is None else _similarity(generation, encoder)


def _parsed(generation: Generation, q: str) -> Parsed:
    return parse(q, generation.manifest.settings.text_fields)


def _spans(q: str, parsed: Parsed) -> Iterator[Span]:
    """What may be corrected of a query. A single operand is never parted: `title:ab` is not `title:a b`."""
    text = q.translate(ASCII_FORMS)
    for start, end, one in parsed.plain:
        for name in _NAME.finditer(text, start, end):
            yield Span(start, name.start(), not one)
            start = name.end()
        yield Span(start, end, not one)


def _written(generation: Generation, parsed: Parsed, text: str | None) -> str | None:
    """A corrected query so that it parses; a broken one as the plain words that it is read as."""
    if text is None:
        return None
    if parsed.broken:
        return render(Words(" ".join(text.split())))
    return None if _parsed(generation, text).broken else text


def _encoder(generation: Generation) -> str | None:
    """The name of the first FastText encoder."""
    found = (name for name, each in generation.dense.items() if each.encoder.type == SIMILAR_BY)
    return next(found, None)


def _similarity(generation: Generation, name: str) -> Similarity:
    """The cosine of two texts under an encoder; None where it has no vector for one."""
    encoder = generation.dense[name].encoder

    @cache
    def vector(text: str) -> NDArray[np.float32] | None:
        [encoding] = encoder.encode([text])
        return encoding.vector

    def similarity(one: str, other: str) -> float | None:
        first, second = vector(one), vector(other)
        return None if first is None or second is None else float(first @ second)

    return similarity
