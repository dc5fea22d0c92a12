"""The views: what an analyzer makes of a text. One table; each entry turns a folded text into tokens.

words          English stems, Chinese words, other scripts as they stand
characters     each Chinese character
bigrams        each pair of neighbouring Chinese characters
trigrams       each three
word_bigrams   each pair of neighbouring words
word_trigrams  each three
"""

import threading
from collections.abc import Callable
from functools import partial

import rjieba
import Stemmer

from indexer.analysis.folding import Folded, fold
from indexer.analysis.runs import han_runs, token_runs
from indexer.errors import UnknownNameError
from indexer.types import Tokens

View = Callable[[Folded], Tokens]


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


def words(folded: Folded) -> Tokens:
    """English stems and Chinese words."""
    terms: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for script, text, start in token_runs(folded.text):
        if script == "han":
            end = start
            for word in rjieba.cut(text):
                terms.append(word)
                starts.append(end)
                end += len(word)
                ends.append(end)
        else:
            terms.append(stem(text))
            starts.append(start)
            ends.append(start + len(text))
    return _in_original(folded, terms, starts, ends)


def characters(folded: Folded, n: int) -> Tokens:
    """Each run of `n` neighbouring Chinese characters; none where fewer stand together."""
    terms: list[str] = []
    starts: list[int] = []
    for _, text, start in han_runs(folded.text):
        places = range(len(text) - n + 1)
        terms.extend([text[place : place + n] for place in places])
        starts.extend(range(start, start + len(places)))
    return _in_original(folded, terms, starts, [start + n for start in starts])


def word_ngrams(folded: Folded, n: int) -> Tokens:
    """Each run of `n` consecutive words, joined by a space."""
    single = words(folded)
    count = max(0, len(single.terms) - n + 1)
    return Tokens(
        [" ".join(single.terms[place : place + n]) for place in range(count)],
        single.starts[:count],
        single.ends[n - 1 :] if count else [],
    )


def _in_original(folded: Folded, terms: list[str], starts: list[int], ends: list[int]) -> Tokens:
    """Tokens whose offsets, given in the folded text, are those of the original."""
    if folded.starts is None:
        return Tokens(terms, starts, ends)
    return Tokens(terms, [folded.start(each) for each in starts], [folded.end(each) for each in ends])


VIEWS: dict[str, View] = {
    "words": words,
    "characters": partial(characters, n=1),
    "bigrams": partial(characters, n=2),
    "trigrams": partial(characters, n=3),
    "word_bigrams": partial(word_ngrams, n=2),
    "word_trigrams": partial(word_ngrams, n=3),
}

NGRAM_VIEWS = tuple(name for name in VIEWS if name != "words")


def view(name: str) -> View:
    """The view of that name. Raises: UnknownNameError."""
    try:
        return VIEWS[name]
    except KeyError:
        raise UnknownNameError("view", name, VIEWS) from None


def analyse(text: str, view_name: str = "words") -> Tokens:
    """The tokens of a text in one view."""
    return view(view_name)(fold(text))
