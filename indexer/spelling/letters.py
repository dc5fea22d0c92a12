"""Words of letters: what may have been meant by one that is in no document."""

from collections.abc import Iterator

import numpy as np

from indexer.analysis import runs
from indexer.spelling.candidates import NEW, Candidate, Similarity, candidate, ranked
from indexer.spelling.distances import Scan
from indexer.spelling.forms import LONGEST, Forms

LEAST = 4
"""Letters of a word that may be corrected."""
LEAST_TWICE = 5
"""Letters of one in which two edits are looked for."""
_MOST_NEAR = 64
LEAST_PART = 2
"""Letters of each of two words that were written as one."""

EDIT = 6.0
"""What an edit costs, in nats, that is no easy one."""
SPACE = 4.0
"""What a space costs that is missing, or too much."""
NEW_LETTER = 0.5
"""How improbable each letter of a word is that no document has, besides `NEW`."""


class LetterWords:
    """The words of an index that are of letters."""

    def __init__(self, forms: Forms) -> None:
        numbers = [number for number, form in enumerate(forms.forms) if not is_chinese(form)]
        self._words = [forms.forms[number] for number in numbers]
        self._places = {word: place for place, word in enumerate(self._words)}
        self._df = forms.df[numbers]
        counts = forms.cf[numbers]
        self._frequencies = np.log(counts / max(1, counts.sum()))
        self._scan = Scan(self._words)

    def candidates(
        self, word: str, limit: int, similarity: Similarity | None = None, *, parted: bool = True
    ) -> list[Candidate]:
        """What may have been meant by a folded word, the best first; `parted`: also two words.

        Ties: smaller text. None at all for a word that is too short or too long."""
        if not LEAST <= len(word) <= LONGEST:
            return []
        found = [*self._near(word), *(self._parted(word) if parted else ())]
        return ranked(word, found, limit, similarity)

    def joined(self, one: str, other: str) -> Candidate | None:
        """The word that two words make when they are written as one; None where there is none."""
        place = self._places.get(one + other)
        return None if place is None else self._candidate(place, 1, SPACE)

    def _near(self, word: str) -> Iterator[Candidate]:
        places, distances, costs = self._scan.near(word, 2 if len(word) >= LEAST_TWICE else 1)
        scores = self._frequencies[places] - EDIT * costs
        for best in np.lexsort((places, -scores))[:_MOST_NEAR].tolist():
            yield self._candidate(int(places[best]), int(distances[best]), EDIT * float(costs[best]))

    def _parted(self, word: str) -> Iterator[Candidate]:
        for at in range(LEAST_PART, len(word) - LEAST_PART + 1):
            one, other = (self._places.get(part) for part in (word[:at], word[at:]))
            if one is not None and other is not None:
                frequency = float(self._frequencies[one] + self._frequencies[other])
                df = int(min(self._df[one], self._df[other]))
                yield candidate(f"{word[:at]} {word[at:]}", 1, df, frequency, SPACE)

    def _candidate(self, place: int, distance: int, cost: float) -> Candidate:
        frequency = float(self._frequencies[place])
        return candidate(self._words[place], distance, int(self._df[place]), frequency, cost)


def is_meant(word: str, best: Candidate) -> bool:
    """Whether the best candidate is more probable than that a word is right which no document has."""
    return best.frequency - best.cost > -NEW - NEW_LETTER * len(word)


def is_chinese(form: str) -> bool:
    """Whether a folded word of one script is Chinese."""
    return not form.isascii() and next(runs(form[:1])).script == "han"
