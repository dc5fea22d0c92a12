"""What may be typed next: the rest of the word that is being typed, and the words after it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from heapq import heappop, heappush
from itertools import count

import numpy as np

from indexer.analysis import Analyzer
from indexer.completion.base import NextWordModel
from indexer.completion.kneser_ney import KneserNey
from indexer.completion.mixture import Asked, Mixture
from indexer.completion.ngrams import Ngrams
from indexer.completion.typed import Start, Typed, gap, typed
from indexer.types import Weights

UNKNOWN = 1e-9
"""How probable a typed word is that no document has."""
MOST_FURTHER = 2
"""Words that are added behind one that stops."""
CANDIDATES = 2
"""Ways that are looked at for each that is wanted: some are left out, or become less probable."""


@dataclass(frozen=True, slots=True)
class Added:
    """A word that a completion adds or makes whole.

    models: how probable each model has it after the words before it · documents: how many hold it together
    with the `order` − 1 words before it; an `order` of 1: it was never seen after them."""

    word: str
    models: Mapping[str, float]
    order: int
    documents: int


@dataclass(frozen=True, slots=True)
class Completion:
    """A text that goes on. rest: what is to be typed yet · probability: of this, among all ways to go on by
    one word · words: what it adds."""

    text: str
    rest: str
    probability: float
    words: Sequence[Added]


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to go on: behind so many words of the text stand those that are added."""

    words: Sequence[str]
    added: Sequence[int]
    rest: str
    probability: float


class Completer:
    """Completes texts by the words of an index. It is never changed once it is made."""

    def __init__(self, ngrams: Ngrams, analyzer: Analyzer, others: Sequence[NextWordModel] = ()) -> None:
        """others: models of the same words beside that of the n-grams."""
        self.ngrams = ngrams
        self._analyzer = analyzer
        self._mixture = Mixture([KneserNey(ngrams), *others])

    @property
    def models(self) -> Sequence[str]:
        """The names of the models that are asked."""
        return self._mixture.names

    def complete(
        self, text: str, limit: int, is_there: Callable[[str], bool] = lambda _: True
    ) -> list[Completion]:
        """The most probable ways to go on, `limit` at most. Ties: smaller text.

        A word that is typed whole may be the beginning of a longer one, or be followed by another. A word
        follows only where it is more probable than it is anywhere, where nothing stands before it any. Behind
        a stop word its most probable next word is added until one does not stop. is_there: whether a word may
        be added at all."""
        if not len(self.ngrams.words):
            return []
        question = _Question(self, typed(self._analyzer, text), Asked(self._mixture))
        best: dict[str, Completion] = {}
        for way in question.whole_ways(CANDIDATES * limit):
            if way.rest not in best and all(is_there(self.ngrams.words[number]) for number in way.added):
                best[way.rest] = question.told(way)
            if len(best) == limit:
                break
        return list(best.values())

    def stops(self, word: int) -> bool:
        """Whether a word is one that a query loses."""
        return self._analyzer.stops(self.ngrams.words[word])

    @cached_property
    def anywhere(self) -> Weights:
        """How probable each word is whatever stands before it."""
        found: Weights = KneserNey(self.ngrams).probabilities([()])[0]
        return found

    @cached_property
    def beginnings(self) -> Weights:
        """The same of the words that tell something by themselves: none of one character, none that stops."""
        telling = self.ngrams.words.lengths > 1
        numbers = (self.ngrams.words.number(term) for term in self._analyzer.stop_terms)
        telling[[number for number in numbers if number is not None]] = False
        return self.anywhere * telling


class _Question:
    """One text that is being completed."""

    def __init__(self, completer: Completer, at: Typed, asked: Asked) -> None:
        self._completer = completer
        self._at = at
        self._ngrams = completer.ngrams
        self._words = completer.ngrams.words
        self._asked = asked

    def whole_ways(self, n: int) -> Iterator[_Way]:
        """The ways to go on that do not end in a stop word, the most probable first, of at most n from each
        place where the last word may begin."""
        numbers = count()  # so that no two ways are compared
        waiting = [(-each.probability, each.rest, next(numbers), each) for each in self._ways(n)]
        waiting.sort()  # which is a heap, too
        likely = [way for *_, way in waiting[:n] if self._completer.stops(way.added[-1])]
        self._asked.ask([self._context(way, len(way.added)) for way in likely])
        while waiting:
            way = heappop(waiting)[-1]
            if not self._completer.stops(way.added[-1]):
                yield way
                continue
            for each in self._further(way):  # which is less probable, so that all before it are known
                heappush(waiting, (-each.probability, each.rest, next(numbers), each))

    def _ways(self, n: int) -> Iterator[_Way]:
        """The best ways to go on by one word."""
        at = self._at
        self._asked.ask([at.words[: start.n_words] for start in at.starts])
        every: list[tuple[Start, range, Weights]] = []
        mass = 0.0
        for start, share in zip(at.starts, self._shares(), strict=True):
            span = self._words.beginning(start.prefix)
            found = share * self._longer(start, span) if start.prefix else share * self._following(at.words)
            mass += float(found.sum()) if start.prefix else share
            every.append((start, span, found))
        for start, span, found in every:
            for place in _largest(found, n):
                rest = at.rest(start, self._words[span[place]])
                yield _Way(at.words[: start.n_words], [span[place]], rest, float(found[place]) / mass)

    def _shares(self) -> Iterator[float]:
        """How probable the whole words before each place are, those before the first place taken as given."""
        at = self._at
        share, done = 1.0, at.starts[0].n_words
        for start in at.starts:
            for number in range(done, start.n_words):
                word = self._words.number(at.words[number])
                share *= UNKNOWN if word is None else float(self._asked.after(at.words[:number])[word])
            done = start.n_words
            yield share

    def _longer(self, start: Start, span: range) -> Weights:
        """The words of a span, but for one that is typed whole."""
        found = self._asked.after(self._at.words[: start.n_words])[span.start : span.stop]
        if span and self._words[span.start] == start.prefix:
            found[0] = 0
        return found

    def _following(self, words: Sequence[str]) -> Weights:
        """The words that may follow others, or with which a text may begin."""
        if not words:
            return self._completer.beginnings
        if self._words.number(words[-1]) is None:
            return np.zeros(len(self._words))
        return self._likely(words)

    def _likely(self, words: Sequence[str]) -> Weights:
        """The words that are more probable after others than anywhere; 0 for the rest."""
        found = self._asked.after(words)
        return np.where(found > self._completer.anywhere, found, 0)

    def _further(self, way: _Way) -> Iterator[_Way]:
        """The same with its most probable next word, if it has one."""
        context = self._context(way, len(way.added))
        found = self._likely(context)
        for place in _largest(found, 1 if len(way.added) <= MOST_FURTHER else 0):
            word = self._words[place]
            added, rest = [*way.added, place], way.rest + gap(context[-1], word) + word
            yield replace(way, added=added, rest=rest, probability=way.probability * float(found[place]))

    def _context(self, way: _Way, n_added: int) -> list[str]:
        return [*way.words, *(self._words[number] for number in way.added[:n_added])]

    def told(self, way: _Way) -> Completion:
        """A way to go on, as it is told."""
        words = [self._added(self._context(way, place), number) for place, number in enumerate(way.added)]
        return Completion(self._at.text + way.rest, way.rest, way.probability, words)

    def _added(self, context: Sequence[str], number: int) -> Added:
        models = self._asked.by_model(context, number)
        order, documents = self._ngrams.seen(context, number)
        return Added(self._words[number], models, order, documents)


def _largest(found: Weights, n: int) -> list[int]:
    """The places of the n largest that are above 0, in any order."""
    n = min(n, len(found))
    places = np.argpartition(-found, n - 1)[:n] if n else np.empty(0, np.int64)
    return [int(place) for place in places if found[place] > 0]
