"""Where the entries of a list stand in a query: as the same units, from word to word."""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from indexer.analysis.folding import Folded, fold
from indexer.analysis.units import units

Spelling = tuple[str, ...]


class Found(NamedTuple):
    """An entry at [`start`, `end`) of the original text."""

    spelling: Spelling
    start: int
    end: int


def spelling(text: str) -> Spelling:
    """What a text is compared by: its units, folded and stemmed."""
    return tuple(unit.term for unit in units(fold(text)))


class Entries:
    """Spellings to be found: from the left, the longest at each place."""

    def __init__(self, spellings: Iterable[Spelling]) -> None:
        self._spellings = frozenset(each for each in spellings if each)
        self._sizes: dict[str, list[int]] = {}  # of the spellings by their first unit, longest first
        for first, size in sorted({(each[0], -len(each)) for each in self._spellings}):
            self._sizes.setdefault(first, []).append(-size)

    def find(self, folded: Folded, starts: Collection[int], ends: Collection[int]) -> Iterator[Found]:
        """The entries in a text, in order; none overlaps another.

        An entry begins where a word starts and ends where one ends: 本人 does not stand in 日本人."""
        if not self._spellings:
            return
        text = units(folded)
        terms = tuple(unit.term for unit in text)
        place = 0
        while place < len(text):
            end = place
            for size in self._sizes.get(terms[place], ()) if text[place].start in starts else ():
                if terms[place : place + size] in self._spellings and text[place + size - 1].end in ends:
                    end = place + size
                    yield Found(terms[place:end], text[place].start, text[end - 1].end)
                    break
            place = max(end, place + 1)
