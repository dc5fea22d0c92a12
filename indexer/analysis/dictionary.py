"""Where the words of a list stand in a text."""

import re
from collections.abc import Iterable, Iterator

from indexer.analysis.runs import divides


class Dictionary:
    """Folded words to be found: from the left, the longest at each place."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        self._sizes: dict[str, list[int]] = {}  # of the words by their first character, longest first
        for first, size in sorted({(word[0], -len(word)) for word in self._words}):
            self._sizes.setdefault(first, []).append(-size)
        self._first = re.compile(f"[{re.escape(''.join(self._sizes))}]" if self._words else "(?!)")

    def __bool__(self) -> bool:
        return bool(self._words)

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the words stand in a folded text, as [start, end), in order; none overlaps another.

        A word that begins or ends inside of a run of letters does not stand there."""
        place = 0
        while found := self._first.search(text, place):
            start = found.start()
            end = self._end(text, start)
            if end > start:
                yield start, end
            place = max(end, start + 1)

    def _end(self, text: str, start: int) -> int:
        """Where the longest word ends that starts here; `start` where there is none."""
        for size in self._sizes[text[start]]:
            end = start + size
            if text[start:end] in self._words and not (divides(text, start) or divides(text, end)):
                return end
        return start
