"""Where some terms stand in a text, without analysing all of it."""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from indexer.analysis.folding import HAN, Folded
from indexer.analysis.lexicon import Lexicon
from indexer.analysis.runs import LATIN, LETTER, runs, token_runs
from indexer.analysis.views import stem, view

_HAN_RUN = re.compile(rf"[{HAN}]+")
_LETTER_RUN = re.compile(rf"[{LATIN}]+|{LETTER}+")

Parts = Mapping[int, tuple[int, str]]
"""Words by where they start: where they end, and their terms."""


Place = tuple[int, int, str, str]
"""A `Found`, in the folded text."""


class Found(NamedTuple):
    """A term of a view at [`start`, `end`) of the original text."""

    start: int
    end: int
    view: str
    term: str


class Finder:
    """Finds the terms of some views: all of them, and nothing else, that the views have in a text.

    Chinese is looked for as it is spelled, and cut into words only where it stands."""

    def __init__(self, lexicon: Lexicon, terms: Mapping[str, Collection[str]]) -> None:
        """Raises: UnknownNameError for an unknown view."""
        self._lexicon = lexicon
        self._terms = {name: frozenset(each) for name, each in terms.items()}
        self._spelled: list[tuple[str, str]] = []  # (view, term) of runs of Chinese characters
        self._lengths: dict[str, int] = {}  # of the views of several words
        self._forms = self._terms.get("forms", frozenset())
        words = {*self._terms.get("words", ()), *map(stem, self._forms)}
        for name, each in self._terms.items():
            unit, n, _ = view(name)
            if unit == "character":
                self._spelled += [
                    (name, term) for term in each if len(term) == n and _HAN_RUN.fullmatch(term)
                ]
            elif n > 1:
                self._lengths[name] = n
                words.update(part for term in each for part in term.split(" "))
        scripts = {word: [run.script for run in runs(word)] for word in words}
        self._han = frozenset(word for word, found in scripts.items() if found == ["han"])
        self._letters = frozenset(
            word for word, found in scripts.items() if found in (["latin"], ["letters"])
        )
        self._wholes = frozenset(word for word, found in scripts.items() if len(found) > 1)
        self._stem = cache(stem)

    def find(self, folded: Folded) -> list[Found]:
        """Where the terms stand in a folded text, ascending."""
        text = folded.text
        parts = {start: (end, term) for start, end, term in [*self._chinese(text), *self._other(text)]}
        words = [(start, end, term) for start, (end, term) in parts.items()] + self._whole(text)
        wanted = self._terms.get("words", ())
        found = [(start, end, "words", term) for start, end, term in words if term in wanted]
        written = [(start, end, text[start:end]) for start, end, _ in words] if self._forms else []
        found += [(start, end, "forms", form) for start, end, form in written if form in self._forms]
        found += self._characters(text)
        for name, n in self._lengths.items():
            found += self._ngrams(text, parts, name, n)
        return sorted(
            Found(folded.start(start), folded.end(end), name, term) for start, end, name, term in found
        )

    def _characters(self, text: str) -> Iterator[Place]:
        for name, term in self._spelled:
            for start in _places(text, term):
                yield start, start + len(term), name, term

    def _chinese(self, text: str) -> Iterator[tuple[int, int, str]]:
        """The Chinese words that are looked for."""
        cut = 0
        for place in sorted(place for word in self._han for place in _places(text, word)):
            if place >= cut:
                start, cut = _run_around(text, place)
                for word in self._lexicon.cut(text[start:cut]):
                    if word in self._han:
                        yield start, start + len(word), word
                    start += len(word)

    def _other(self, text: str) -> Iterator[tuple[int, int, str]]:
        """The words of other letters that are looked for."""
        if self._letters:
            for match in _LETTER_RUN.finditer(text):
                if (term := self._stem(match.group())) in self._letters:
                    yield match.start(), match.end(), term

    def _whole(self, text: str) -> list[tuple[int, int, str]]:
        """The words of several runs that are looked for: names with signs, and some of the dictionary."""
        if not any(word in text for word in self._wholes):
            return []
        every = [(start, end, text[start:end]) for start, end in self._lexicon.wholes(text)]
        return [each for each in every if each[2] in self._wholes]

    def _ngrams(self, text: str, parts: Parts, name: str, n: int) -> Iterator[Place]:
        """The runs of `n` consecutive words that are looked for."""
        for start in parts:
            end, term = parts[start]
            size = 1
            while size < n and (following := _following(text, end)) in parts:
                end, part = parts[following]
                term, size = f"{term} {part}", size + 1
            if size == n and term in self._terms[name]:
                yield start, end, name, term


def _places(text: str, part: str) -> Iterator[int]:
    """Where a part of a text begins, each time that it stands there."""
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)


def _run_around(text: str, place: int) -> tuple[int, int]:
    """The run of Chinese characters that a place is in, as [start, end)."""
    match = _HAN_RUN.match(text, place)
    assert match is not None, "a Chinese character stands there"
    start = place
    while start and _HAN_RUN.match(text, start - 1, start):
        start -= 1
    return start, match.end()


def _following(text: str, place: int) -> int:
    """Where the next word begins; -1 where there is none."""
    run = next(token_runs(text, place), None)
    return -1 if run is None else run.start
