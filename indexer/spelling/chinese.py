"""Runs of Chinese characters: which words were meant, where nothing parts words.

Of all ways to read a run as words, each as it stands or another one for it, the most probable one is taken.
A word for which another is read costs what the slip is improbable; so text of known words stays as it is."""

from collections import defaultdict
from collections.abc import Iterator, Set
from typing import NamedTuple

import numpy as np

from indexer.analysis import Analyzer
from indexer.spelling.candidates import NEW, Candidate, candidate, ranked
from indexer.spelling.forms import Forms
from indexer.spelling.letters import is_chinese
from indexer.spelling.sounds import blurred_words, sound_alike, sound_nearly_alike

LEAST, MOST = 2, 5
"""Characters of a word that another may be read for."""
MOST_KNOWN = 8
"""Characters of a word that is read as it stands."""

SLIP = 11.0
"""What it costs to read another word of the same sound, in nats."""
NEAR = 2.5
"""What each character costs besides that sounds only nearly so."""
OTHER = 4.0
"""What one character costs besides that sounds otherwise, in a word of at least `LEAST_SHARING`."""
LEAST_SHARING = 3


class Reading(NamedTuple):
    """A part of a run, [`start`, `end`), that is read as another word."""

    start: int
    end: int
    candidates: list[Candidate]


class ChineseWords:
    """The Chinese words of an index. What stops is never read for others: a query loses it."""

    def __init__(self, forms: Forms, analyzer: Analyzer) -> None:
        self._forms = forms
        self._is_word = analyzer.lexicon.lists
        numbers = [number for number, form in enumerate(forms.forms) if is_chinese(form)]
        counts = forms.cf[numbers]
        frequencies = np.log(counts / max(1, counts.sum())).tolist()
        self._words = dict(zip((forms.forms[number] for number in numbers), frequencies, strict=True))
        self._sounding: dict[str, list[int]] = defaultdict(list)
        self._sharing: dict[str, list[int]] = defaultdict(list)
        for number in numbers:
            word = forms.forms[number]
            if LEAST <= len(word) <= MOST and not analyzer.stops(word):
                for each in blurred_words(word):
                    self._sounding[each].append(number)
                for each in _with_gaps(word):
                    self._sharing[each].append(number)

    def read(self, run: str, doubted: Set[int], limit: int) -> list[Reading]:
        """Which parts of a run are read as other words, in order; each holds a doubted place.

        Candidates: what else the part may be read as, the best first, `limit` at most; the first is taken.
        Ties: the word as it stands, then the candidate whose text is smaller."""
        best = np.zeros(len(run) + 1)
        steps: list[tuple[int, list[Candidate]]] = [(0, [])]
        for end in range(1, len(run) + 1):
            best[end] = -np.inf
            steps.append((end, []))
            for start in range(max(0, end - MOST_KNOWN), end):
                for score, found in self._options(run, start, end, doubted):
                    if best[start] + score > best[end]:
                        best[end] = best[start] + score
                        steps[end] = (start, found)
        return list(_readings(steps, limit))[::-1]

    def _options(
        self, run: str, start: int, end: int, doubted: Set[int]
    ) -> Iterator[tuple[float, list[Candidate]]]:
        """What a part of a run counts as it stands, and as the best of its candidates."""
        written = run[start:end]
        if written in self._words:
            yield self._words[written], []
        elif end - start == 1 or self._is_word(written):
            yield -NEW, []
        elif not doubted.isdisjoint(range(start, end)) and (found := self._candidates(written)):
            yield found[0].score, found

    def _candidates(self, written: str) -> list[Candidate]:
        """The words that may have been meant by other characters, of which one at most sounds otherwise."""
        if not LEAST <= len(written) <= MOST:
            return []
        numbers = {number for each in blurred_words(written) for number in self._sounding.get(each, ())}
        numbers |= {number for each in _with_gaps(written) for number in self._sharing.get(each, ())}
        found = (self._candidate(written, number) for number in numbers)
        return ranked(written, filter(None, found), len(numbers))

    def _candidate(self, written: str, number: int) -> Candidate | None:
        word = self._forms.forms[number]
        changed = [(one, other) for one, other in zip(written, word, strict=True) if one != other]
        otherwise = [cost for each in changed if (cost := _cost(*each))]
        if len(otherwise) > 1:
            return None
        cost = SLIP + sum(otherwise)
        return candidate(word, len(changed), int(self._forms.df[number]), self._words[word], cost)


def _cost(one: str, other: str) -> float:
    if sound_alike(one, other):
        return 0.0
    return NEAR if sound_nearly_alike(one, other) else OTHER


def _with_gaps(word: str) -> Iterator[str]:
    """A word with each of its characters left out in turn, where the rest tells enough."""
    places = range(len(word)) if len(word) >= LEAST_SHARING else ()
    return (f"{word[:place]} {word[place + 1 :]}" for place in places)


def _readings(steps: list[tuple[int, list[Candidate]]], limit: int) -> Iterator[Reading]:
    """The parts of the best way that are read otherwise, from the last to the first."""
    end = len(steps) - 1
    while end:
        start, found = steps[end]
        if found:
            yield Reading(start, end, found[:limit])
        end = start
