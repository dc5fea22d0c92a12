"""The words of a text that are in no document, and what may have been meant by them."""

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from functools import cached_property
from typing import NamedTuple

from indexer.analysis import Analyzer, fold, stem
from indexer.spelling.candidates import Similarity, Written
from indexer.spelling.chinese import ChineseWords, Reading
from indexer.spelling.forms import Forms
from indexer.spelling.letters import LetterWords, is_meant
from indexer.spelling.tokens import Span, Token, groups, tokens

MOST_WORDS = 64
"""Words of a text that are looked at: the first ones."""


class Looked(NamedTuple):
    """The words of a text, in order, and whether all of them were looked at."""

    words: Sequence[Written]
    whole: bool


class Corrector:
    """The words of an index, as far as others may mean them.

    A word is known that is in a document, also in another form of the same stem; so is a word with digits or
    signs, or of the dictionary of the index. Not known, but right as they stand are Chinese words that the
    segmenter has in its dictionary, and words in capitals."""

    def __init__(self, forms: Forms, analyzer: Analyzer) -> None:
        self.forms = forms
        self._analyzer = analyzer
        self._listed = frozenset(fold(word).text for word in analyzer.settings.dictionary)
        self._tables = _Tables(forms, analyzer)

    def knowing(self, words: Iterable[str]) -> "Corrector":
        """The same, but these words are known besides; they are suggested for no other."""
        other = copy(self)
        other._listed = self._listed.union(words)
        return other

    def words(
        self, text: str, spans: Sequence[Span], limit: int, similarity: Similarity | None = None
    ) -> Looked:
        """The words in spans of a text, which ascend; what may be a slip with `limit` candidates at most.

        Where all corrections are put into a text of `MOST_WORDS` or fewer, none is found in it any more."""
        every = list(self._tokens(text, spans))
        found: list[Written] = []
        for group in groups(every[:MOST_WORDS]):
            if group[0].chinese:
                found += self._chinese(text, group, limit)
            else:
                found += self._letters(text, group, limit, similarity, parted=spans[group[0].span].parted)
        return Looked(found, len(every) <= MOST_WORDS)

    def _tokens(self, text: str, spans: Sequence[Span]) -> Iterator[Token]:
        for each in tokens(self._analyzer, self._listed, text, spans):
            if not each.known and self._is_known(each):
                yield each._replace(known=True)
            else:
                yield each

    def _is_known(self, token: Token) -> bool:
        return token.form in self.forms or (not token.chinese and stem(token.form) in self._tables.stems)

    def _letters(
        self, text: str, words: Sequence[Token], limit: int, similarity: Similarity | None, *, parted: bool
    ) -> Iterator[Written]:
        """Words of letters; two of which one is not known may be one."""
        done = 0
        for word, following in zip(words, [*words[1:], None], strict=True):
            if word.start < done:
                continue
            written = following and self._joined(text, word, following)
            if not written:
                written = self._spelled(text, word, limit, similarity, parted=parted)
            done = written.end
            yield written

    def _spelled(
        self, text: str, word: Token, limit: int, similarity: Similarity | None, *, parted: bool
    ) -> Written:
        """A word with those that are spelled nearly so."""
        if word.known or word.right:
            return word.written(text)
        found = self._tables.letter_words.candidates(word.form, limit, similarity, parted=parted)
        meant = bool(found) and is_meant(word.form, found[0])
        return word.written(text, found, found[0].text if meant else None)

    def _joined(self, text: str, one: Token, other: Token) -> Written | None:
        """Two words as the one that they make; None where both are known, or make none."""
        if (one.known and other.known) or not text[one.end : other.start].isspace():
            return None
        found = self._tables.letter_words.joined(one.form, other.form)
        if found is None:
            return None
        return Written(text[one.start : other.end], one.start, other.end, False, [found], found.text)

    def _chinese(self, text: str, words: Sequence[Token], limit: int) -> Iterator[Written]:
        """Words of a run of Chinese characters; where some are read otherwise, those instead."""
        begin = words[0].start
        places = self._analyzer.analyse(text[begin : words[-1].end], "characters")
        found: list[Written] = []
        for first, last, candidates in self._read(words, limit):
            start, end = begin + places.starts[first], begin + places.ends[last - 1]
            found.append(Written(text[start:end], start, end, False, candidates, candidates[0].text))
        kept = [
            word.written(text)
            for word in words
            if not any(word.start < each.end and each.start < word.end for each in found)
        ]
        yield from sorted([*found, *kept], key=lambda each: each.start)

    def _read(self, words: Sequence[Token], limit: int) -> list[Reading]:
        """What is read otherwise in a run; nothing, where something would then be read otherwise again."""
        doubted = self._doubted(words)
        if not doubted:
            return []
        run = "".join(word.form for word in words)
        found = self._tables.chinese_words.read(run, doubted, limit)
        after = run
        for start, end, candidates in found:
            after = after[:start] + candidates[0].text + after[end:]
        again = self._doubted(list(self._tokens(after, [Span(0, len(after))])))
        return [] if found and self._tables.chinese_words.read(after, again, 1) else found

    def _doubted(self, words: Sequence[Token]) -> set[int]:
        """The places in a run that may be a slip: where no word stands, and where a single character does
        that does not stop, for a word breaks up that is not written as it is known."""
        doubted: set[int] = set()
        end = 0
        for word in words:
            start, end = end, end + len(word.form)
            single = len(word.form) == 1 and not self._analyzer.stops(word.form)
            if single or not (word.known or word.right):
                doubted.update(range(start, end))
        return doubted


class _Tables:
    """What is looked up of the words of an index, made when it is first asked for."""

    def __init__(self, forms: Forms, analyzer: Analyzer) -> None:
        self._forms = forms
        self._analyzer = analyzer

    @cached_property
    def letter_words(self) -> LetterWords:
        """The words of letters."""
        return LetterWords(self._forms)

    @cached_property
    def chinese_words(self) -> ChineseWords:
        """The words of Chinese characters."""
        return ChineseWords(self._forms, self._analyzer)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of all words."""
        return frozenset(map(stem, self._forms.forms))


def corrected(text: str, words: Sequence[Written]) -> str | None:
    """A text with the corrections of its words; None where there is none."""
    changed = [each for each in words if each.correction is not None]
    for each in reversed(changed):
        text = f"{text[: each.start]}{each.correction}{text[each.end :]}"
    return text if changed else None
