"""Words that say the same: a query that holds one of a group is also one for the others."""

from collections.abc import Sequence
from itertools import islice

from indexer.analysis.entries import Entries, Spelling, spelling
from indexer.analysis.folding import Folded
from indexer.types import Tokens

MOST_GROUPS = 64
"""Groups that one query brings in; the rest of a longer one stands for itself."""


class Synonyms:
    """Groups of equivalent words, or runs of words, in any scripts."""

    def __init__(self, groups: Sequence[Sequence[str]]) -> None:
        self._groups = groups
        self._of: dict[Spelling, list[int]] = {}
        for number, group in enumerate(groups):
            for each in dict.fromkeys(map(spelling, group)):
                self._of.setdefault(each, []).append(number)
        self._entries = Entries(self._of)

    def of(self, folded: Folded, words: Tokens) -> list[str]:
        """The other entries of the groups of which an entry stands in a text, whose words are given."""
        found = self._entries.find(folded, set(words.starts), set(words.ends))
        held = list(dict.fromkeys(each.spelling for each in found))
        numbers = dict.fromkeys(number for each in held for number in self._of[each])
        others = (entry for number in islice(numbers, MOST_GROUPS) for entry in self._groups[number])
        return [entry for entry in dict.fromkeys(others) if spelling(entry) not in held]
