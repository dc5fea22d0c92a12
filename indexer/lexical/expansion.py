"""The words of an index that a prefix, or a word spelled nearly so, stands for."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from indexer.analysis import beginning_stems, fold, spellings
from indexer.lexical.segment import Segment
from indexer.lexical.terms import Numbers, beginning, near, spelled

WORDS = "words"
MOST_BEGINNINGS = 128
MOST_NEAR = 64


class Expansion(NamedTuple):
    """Terms of the view `words` with the edits that each is away, and how many there are in all."""

    terms: Mapping[str, int]
    n_all: int


def begun(segments: Sequence[Segment], text: str) -> Expansion:
    """The words that begin so; the most frequent ones, where they are very many. Ties: by the word."""
    folded = fold(text).text
    if WORDS not in segments[0].arrays.views:
        return Expansion({}, 0)
    wanted = sorted(beginning_stems(folded))
    found = []
    for segment in segments:
        stems = segment.arrays.numbers(WORDS, wanted)
        found.append(np.concatenate([beginning(segment.arrays, WORDS, folded), stems[stems >= 0]]))
    df, n_all = _frequencies(segments, found, MOST_BEGINNINGS)
    kept = sorted(df, key=lambda term: (-df[term], term))[:MOST_BEGINNINGS]
    return Expansion(dict.fromkeys(kept, 0), n_all)


def nearly(segments: Sequence[Segment], text: str, edits: int) -> Expansion:
    """The words at most so many edits away, the nearest first, of these the most frequent. Ties: by the word.

    At least one character of a word stays as it is, and one of a single character is near to itself alone."""
    folded = fold(text).text
    if WORDS not in segments[0].arrays.views:
        return Expansion({}, 0)
    distances: dict[str, int] = {}
    found = []
    for segment in segments:
        numbers: list[Numbers] = [np.empty(0, np.int64)]
        for form in spellings(folded):
            each, away = near(segment.arrays, WORDS, form, min(edits, len(form) - 1))
            numbers.append(each)
            for number, distance in zip(each.tolist(), away.tolist(), strict=True):
                term = spelled(segment.arrays, number)
                distances[term] = min(distance, distances.get(term, distance))
        found.append(np.unique(np.concatenate(numbers)))
    df, _ = _frequencies(segments, found, None)
    kept = [term for term in df if distances[term] == 0 or len(term) > 1]
    kept.sort(key=lambda term: (distances[term], -df[term], term))
    return Expansion({term: distances[term] for term in kept[:MOST_NEAR]}, len(kept))


def _frequencies(
    segments: Sequence[Segment], found: Sequence[Numbers], most: int | None
) -> tuple[dict[str, int], int]:
    """How many documents hold each of the terms that were found in each segment, and how many terms that are.

    Of the first segment, the largest, no more are spelled out than may be among the `most` frequent: those
    that are in no other segment and rarer than so many others cannot."""
    df: dict[str, int] = {}
    for segment, numbers in zip(segments[1:], found[1:], strict=True):
        for number, n_docs in zip(numbers.tolist(), segment.df(numbers).tolist(), strict=True):
            if n_docs:
                term = spelled(segment.arrays, number)
                df[term] = df.get(term, 0) + n_docs
    first = segments[0]
    n_docs_of = first.df(found[0])
    numbers, n_docs_of = found[0][n_docs_of > 0], n_docs_of[n_docs_of > 0]
    also = first.arrays.numbers(WORDS, list(df))
    n_all = len(numbers) + len(df) - int(np.count_nonzero(np.isin(also, numbers)))
    kept = np.lexsort((numbers, -n_docs_of))[:most]
    kept = np.union1d(kept, np.flatnonzero(np.isin(numbers, also)))
    for number, n_docs in zip(numbers[kept].tolist(), n_docs_of[kept].tolist(), strict=True):
        term = spelled(first.arrays, number)
        df[term] = df.get(term, 0) + n_docs
    return df, n_all
