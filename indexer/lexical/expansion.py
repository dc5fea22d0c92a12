"""The words of an index that a prefix, or a word spelled nearly so, stands for."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from indexer.analysis import beginning_stems, fold, spellings
from indexer.lexical.arrays import Arrays
from indexer.lexical.terms import beginning, most_frequent, near, spelled

WORDS = "words"
MOST_BEGINNINGS = 128
MOST_NEAR = 64


class Expansion(NamedTuple):
    """Terms of the view `words` with the edits that each is away, and how many there are in all."""

    terms: Mapping[str, int]
    n_all: int


def begun(arrays: Arrays, text: str) -> Expansion:
    """The words that begin so; the most frequent ones, where they are very many."""
    folded = fold(text).text
    if WORDS not in arrays.views:
        return Expansion({}, 0)
    stems = arrays.numbers(WORDS, sorted(beginning_stems(folded)))
    found = np.concatenate([beginning(arrays, WORDS, folded), stems[stems >= 0]])
    kept = most_frequent(arrays, found, MOST_BEGINNINGS)
    return Expansion({spelled(arrays, number): 0 for number in kept.tolist()}, len(found))


def nearly(arrays: Arrays, text: str, edits: int) -> Expansion:
    """The words at most so many edits away, the nearest first, of these the most frequent.

    At least one character of a word stays as it is, and one of a single character is near to itself alone."""
    folded = fold(text).text
    if WORDS not in arrays.views:
        return Expansion({}, 0)
    distances: dict[int, int] = {}
    for form in spellings(folded):
        numbers, found = near(arrays, WORDS, form, min(edits, len(form) - 1))
        for number, distance in zip(numbers.tolist(), found.tolist(), strict=True):
            distances[number] = min(distance, distances.get(number, distance))
    words = {number: spelled(arrays, number) for number in distances}
    kept = [number for number in distances if distances[number] == 0 or len(words[number]) > 1]
    kept.sort(key=lambda number: (distances[number], -int(arrays.postings.df[number]), number))
    return Expansion({words[number]: distances[number] for number in kept[:MOST_NEAR]}, len(kept))
