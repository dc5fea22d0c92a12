"""A text that is being typed: which words are whole, and where the last one may begin.

Nothing parts Chinese words: 机器学 may be 机器 and the beginning of 学习, or of one longer word, or
whole words; `node.j` may be one name or two words."""

from collections.abc import Iterator
from dataclasses import dataclass

from indexer.analysis import Analyzer, fold, runs
from indexer.completion.base import MOST_CONTEXT
from indexer.completion.writing import LONGEST

MOST_CHARACTERS = 512
"""At the end of a text that are looked at."""
MOST_STARTS = 4
"""Places where the word that is being typed may begin."""


@dataclass(frozen=True, slots=True)
class Start:
    """A place where the last word may begin: after so many whole words, with this folded beginning; where
    nothing of it is typed yet, `prefix` is empty and all words are whole."""

    n_words: int
    prefix: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A text with its words, folded. starts: where the last one may begin, the first place first; at the last
    one all words are whole."""

    text: str
    words: list[str]
    starts: list[Start]

    def rest(self, start: Start, word: str) -> str:
        """What is to be typed yet so that a word stands whole that begins there; in capitals where the text
        is."""
        if not start.prefix:
            return gap(self.text, word) + word
        rest = word[len(start.prefix) :]
        written = self.text[-len(start.prefix) :]
        return rest.upper() if len(written) > 1 and written.isupper() else rest


def typed(analyzer: Analyzer, text: str) -> Typed:
    """What is known of a text from its end."""
    end = text[-MOST_CHARACTERS:]
    found = list(_words(analyzer, end))
    piece = len(end) - len(end.split()[-1]) if end and not end[-1].isspace() else len(end)
    open_words = [
        number for number, (_, start, _) in enumerate(found) if start >= piece and len(end) - start <= LONGEST
    ]
    starts = [Start(number, fold(end[found[number][1] :]).text) for number in open_words[-MOST_STARTS:]]
    starts.append(Start(len(found), ""))
    return Typed(text, [form for form, _, _ in found], starts)


def gap(text: str, word: str) -> str:
    """What parts a text and the word behind it: nothing where both are Chinese, or where the text ends in a
    space or a Chinese sign."""
    last = text[-1:]
    if not last or last.isspace() or not (last.isascii() or last.isalnum()):
        return ""
    return "" if _is_chinese(last) and _is_chinese(word[:1]) else " "


def _words(analyzer: Analyzer, text: str) -> Iterator[tuple[str, int, int]]:
    """The last words of a text, names without their parts, each with its place."""
    tokens = analyzer.analyse(text, "forms")
    done = 0
    found: list[tuple[str, int, int]] = []
    for each in zip(tokens.terms, tokens.starts, tokens.ends, strict=True):
        if each[1] >= done:
            found.append(each)
            done = each[2]
    yield from found[-MOST_CONTEXT:]


def _is_chinese(character: str) -> bool:
    return next(runs(character)).script == "han"
