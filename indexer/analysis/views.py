"""The views: what an analyzer makes of a text. One table; each entry turns a folded text into tokens.

words          English stems, Chinese words, other scripts as they stand, names with signs
forms          the same words as they are written, folded but not stemmed
characters     each Chinese character
bigrams        each pair of neighbouring Chinese characters
trigrams       each three
word_bigrams   each pair of neighbouring words
word_trigrams  each three
"""

import threading
from bisect import bisect_right
from collections.abc import Callable
from typing import Literal, NamedTuple

import Stemmer

from indexer.analysis.folding import Folded
from indexer.analysis.lexicon import Lexicon
from indexer.analysis.runs import token_runs
from indexer.errors import UnknownNameError
from indexer.types import Tokens


class View(NamedTuple):
    """Each run of `n` neighbouring units; a run of one word is a word. stemmed: English words are stems."""

    unit: Literal["word", "character"]
    n: int
    stemmed: bool = True

    def tokens(self, folded: Folded, lexicon: Lexicon) -> Tokens:
        """The tokens of a folded text."""
        if self.unit == "character":
            return characters(folded, self.n)
        if self.n > 1:
            return word_ngrams(folded, self.n, lexicon)
        return words(folded, lexicon) if self.stemmed else forms(folded, lexicon)


class _Stemmers(threading.local):
    """One Porter2 stemmer a thread: a stemmer is not to be shared."""

    def __init__(self) -> None:
        self.english = Stemmer.Stemmer("english")


_STEMMERS = _Stemmers()


def stem(word: str) -> str:
    """The Porter2 stem of an English word; a word with other than ASCII letters is left as it is."""
    if word.isascii() and word.isalpha():
        stemmed: str = _STEMMERS.english.stemWord(word)
        return stemmed
    return word


def words(folded: Folded, lexicon: Lexicon) -> Tokens:
    """English stems and Chinese words; names with signs, each before its first part."""
    return _words(folded, lexicon, stem)


def forms(folded: Folded, lexicon: Lexicon) -> Tokens:
    """The same words as they are written."""
    return _words(folded, lexicon, str)


def _words(folded: Folded, lexicon: Lexicon, term_of: Callable[[str], str]) -> Tokens:
    parts = _parts(folded.text, lexicon, term_of)
    wholes = [(start, end, folded.text[start:end]) for start, end in lexicon.wholes(folded.text)]
    if wholes:
        parts = _merged(parts, wholes)
    return _in_original(folded, parts)


def _parts(text: str, lexicon: Lexicon, term_of: Callable[[str], str]) -> Tokens:
    """The words of a folded text, none of which overlaps another."""
    tokens = Tokens([], [], [], [])
    atoms = 0
    for run in token_runs(text):
        end = run.start
        for word in lexicon.cut(run.text) if run.script == "han" else [run.text]:
            tokens.positions.append(atoms + end - run.start)
            tokens.starts.append(end)
            end += len(word)
            tokens.ends.append(end)
            tokens.terms.append(term_of(word))
        atoms += run.atoms
    return tokens


def _merged(parts: Tokens, wholes: list[tuple[int, int, str]]) -> Tokens:
    """Words with those that they are parts of, by where they start."""
    columns = zip(parts.starts, parts.ends, parts.terms, parts.positions, strict=True)
    rows = [(start, True, end, term, position) for start, end, term, position in columns]
    for start, end, term in wholes:
        first = bisect_right(parts.ends, start)  # the part that it starts in, or before
        position = parts.positions[first] + max(0, start - parts.starts[first])
        rows.append((start, False, end, term, position))
    rows.sort()
    return Tokens(
        [row[3] for row in rows], [row[0] for row in rows], [row[2] for row in rows], [row[4] for row in rows]
    )


def characters(folded: Folded, n: int) -> Tokens:
    """Each run of `n` neighbouring Chinese characters; none where fewer stand together."""
    terms: list[str] = []
    starts: list[int] = []
    positions: list[int] = []
    atoms = 0
    for run in token_runs(folded.text):
        if run.script == "han":
            places = range(len(run.text) - n + 1)
            terms.extend([run.text[place : place + n] for place in places])
            starts.extend([run.start + place for place in places])
            positions.extend([atoms + place for place in places])
        atoms += run.atoms
    return _in_original(folded, Tokens(terms, starts, [start + n for start in starts], positions))


def word_ngrams(folded: Folded, n: int, lexicon: Lexicon) -> Tokens:
    """Each run of `n` consecutive words, joined by a space; names with signs count as their parts."""
    single = _parts(folded.text, lexicon, stem)
    count = max(0, len(single.terms) - n + 1)
    tokens = Tokens(
        [" ".join(single.terms[place : place + n]) for place in range(count)],
        single.starts[:count],
        single.ends[n - 1 :] if count else [],
        single.positions[:count],
    )
    return _in_original(folded, tokens)


def _in_original(folded: Folded, tokens: Tokens) -> Tokens:
    """Tokens of the folded text, with their places in the original."""
    if folded.starts is None:
        return tokens
    starts = [folded.start(each) for each in tokens.starts]
    return Tokens(tokens.terms, starts, [folded.end(each) for each in tokens.ends], tokens.positions)


VIEWS = {
    "words": View("word", 1),
    "forms": View("word", 1, stemmed=False),
    "characters": View("character", 1),
    "bigrams": View("character", 2),
    "trigrams": View("character", 3),
    "word_bigrams": View("word", 2),
    "word_trigrams": View("word", 3),
}

NGRAM_VIEWS = tuple(name for name, each in VIEWS.items() if each.unit == "character" or each.n > 1)


def view(name: str) -> View:
    """The view of that name. Raises: UnknownNameError."""
    try:
        return VIEWS[name]
    except KeyError:
        raise UnknownNameError("view", name, VIEWS) from None
