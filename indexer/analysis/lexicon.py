"""What is one word: in Chinese, where nothing parts words, and beyond a run of letters."""

from collections.abc import Iterable

import rjieba

from indexer.analysis.dictionary import Dictionary
from indexer.analysis.folding import fold
from indexer.analysis.identifiers import identifiers
from indexer.analysis.runs import runs


class Lexicon:
    """The words that the segmenter knows, the names with signs, and the words of a list."""

    def __init__(self, words: Iterable[str]) -> None:
        """`words` are folded as texts are. Those of Chinese characters alone are never cut; others are
        found as a whole besides their parts. A run of letters is a word anyway."""
        folded = [(word, [run.script for run in runs(word)]) for word in {fold(word).text for word in words}]
        self._kept = Dictionary(word for word, scripts in folded if scripts == ["han"])
        self.mixed = Dictionary(
            word for word, scripts in folded if len(scripts) > 1 and word.split() == [word]
        )

    def cut(self, text: str) -> list[str]:
        """The words of a text that is Chinese but for line ends; joined, they are the text."""
        words: list[str] = []
        end = 0
        for start, stop in self._kept.find(text):
            words += [*rjieba.cut(text[end:start]), text[start:stop]]
            end = stop
        return words + rjieba.cut(text[end:])

    def lists(self, word: str) -> bool:
        """Whether a folded Chinese word is one that the segmenter knows, whatever stands beside it."""
        return rjieba.has_word(word)

    def wholes(self, text: str) -> list[tuple[int, int]]:
        """Where words of more than one run stand in a folded text, as [start, end), in order."""
        return sorted({*identifiers(text), *self.mixed.find(text)})
