"""The words of a text as they are looked at: those of the view `forms`, without the parts of names."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

from indexer.analysis import Analyzer
from indexer.spelling.candidates import Candidate, Written
from indexer.spelling.letters import is_chinese


class Span(NamedTuple):
    """A part of a text whose words may be corrected. parted: one word may become two there."""

    start: int
    end: int
    parted: bool = True


class Token(NamedTuple):
    """A folded word at [`start`, `end`) of a text, in the span of that number.

    known: nothing is to be mended, for it is in a document, a name with signs or digits, or listed · right:
    it is a word, though perhaps in no document · chinese: it is read together with its neighbours."""

    form: str
    start: int
    end: int
    span: int
    known: bool
    right: bool
    chinese: bool

    def written(
        self, text: str, candidates: Sequence[Candidate] = (), correction: str | None = None
    ) -> Written:
        """The word as it stands in the text."""
        return Written(text[self.start : self.end], self.start, self.end, self.known, candidates, correction)

    def goes_on(self, other: "Token") -> bool:
        """Whether the next word is looked at together with this one."""
        beside = not self.chinese or self.end == other.start
        return self.span == other.span and self.chinese == other.chinese and beside


def tokens(analyzer: Analyzer, listed: Set[str], text: str, spans: Sequence[Span]) -> Iterator[Token]:
    """The words that stand in spans, which ascend; of a name the whole alone. `listed`: the dictionary."""
    begins = [span.start for span in spans]
    found = analyzer.analyse(text, "forms")
    following = [*found.starts, len(text)][1:]
    done = 0
    for form, start, end, after in zip(found.terms, found.starts, found.ends, following, strict=True):
        span = bisect_right(begins, start) - 1
        if start < done or span < 0 or end > spans[span].end:
            continue
        done = end
        named = after < end or form in listed or not form.isalpha()
        chinese = not named and is_chinese(form)
        right = analyzer.lexicon.lists(form) if chinese else text[start:end].isupper()
        yield Token(form, start, end, span, named, right, chinese)


def groups(words: Sequence[Token]) -> Iterator[list[Token]]:
    """The words that are looked at together."""
    group: list[Token] = []
    for word in words:
        if group and not group[-1].goes_on(word):
            yield group
            group = []
        group.append(word)
    if group:
        yield group
