"""What an RNN says next: the probabilities of the next word, and texts made of them word by word.

P(w_1 … w_T) = Π P(w_t | w_1 … w_{t−1}); each word goes in as what comes next is asked for. Words that stand
for others, `[UNK]` and its like, are never said: what they would have had is given to all others alike."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.rnn.decoding import Decoding, Generated
from indexer.encoders.rnn.joining import joined
from indexer.types import Vectors

if TYPE_CHECKING:
    from indexer.encoders.rnn.encoder import RnnEncoder

Chances = NDArray[np.float64]  # (vocabulary,)

_SAID = ["next_logits", "final_state"]


@dataclass(frozen=True, slots=True)
class _Path:
    """A beginning: the numbers of its words, and what the model knows behind it."""

    words: tuple[int, ...]
    log_probability: float
    ended: bool


class RnnLanguageModel:
    """The language model of an encoder. Safe for any number of threads.

    words: how each word is written, by its number; the first ones are special."""

    def __init__(self, encoder: "RnnEncoder") -> None:
        self._encoder = encoder
        self._network = encoder.network
        self.words = encoder.lexis.forms
        config = encoder.network.config
        self.end = config.end
        self._said = np.ones(config.vocabulary, bool)
        self._said[: config.ordinary] = False
        self._said[config.end] = True

    @property
    def unit(self) -> Literal["words", "pieces"]:
        """What is said one after the other: words of the analysis, or pieces of words."""
        from indexer.encoders.rnn.words import Words  # which needs tokenizers

        return "words" if isinstance(self._encoder.lexis, Words) else "pieces"

    def next_words(self, text: str) -> Chances:
        """The probability of each word to come next behind a text, that of its end at `end`. Shape:
        (vocabulary,); the sum is 1."""
        return self.chances(self._begun(text)[0])

    def likeliest(self, text: str, limit: int) -> list[tuple[str, float]]:
        """The likeliest next words with their probabilities. Ties: the smaller number, the more frequent."""
        return self.best(self.next_words(text), limit)

    def best(self, chances: Chances, limit: int) -> list[tuple[str, float]]:
        """The likeliest words of a distribution."""
        return [(self.words[number], float(chances[number])) for number in _largest(chances, limit)]

    def chances(self, logits: Vectors) -> Chances:
        """The probabilities that logits say, of all words that are ever said. Shapes: (vocabulary,)."""
        wide = np.where(self._said, logits.astype(np.float64), -np.inf)
        rising = np.exp(wide - wide.max())
        found: Chances = rising / rising.sum()
        return found

    def generate(self, text: str, how: Decoding) -> list[Generated]:
        """What could stand behind a text: one continuation, of a beam search the best, likeliest first."""
        found = self._beam(text, how) if how.method == "beam" else [self._one(text, how)]
        return [self._continuation(each) for each in found]

    def _begun(self, text: str) -> tuple[Vectors, Vectors]:
        """The logits behind a text, and the state. Shapes: (vocabulary,), (n_states, 1, hidden)."""
        logits, state = self._network.read_one(self._encoder.read(text).window.ids, _SAID)
        return logits[0], state

    def _one(self, text: str, how: Decoding) -> _Path:
        choose = _chooser(how)
        logits, state = self._begun(text)
        words: list[int] = []
        total = 0.0
        while len(words) < how.length:
            chances = self.chances(logits)
            word = choose(chances)
            total += float(np.log(chances[word]))
            if word == self.end:
                return _Path(tuple(words), total, ended=True)
            words.append(word)
            found, state = self._network.read_one([word], _SAID, state)
            logits = found[0]
        return _Path(tuple(words), total, ended=False)

    def _beam(self, text: str, how: Decoding) -> list[_Path]:
        """The likeliest paths; one that has ended stays among them as it is. Ties: the one found first."""
        first, state = self._begun(text)
        paths, logits = [_Path((), 0.0, ended=False)], first[None]
        ended: list[_Path] = []
        for _ in range(how.length):
            chosen = _best_steps(paths, [self.chances(each) for each in logits], how.beams)
            grown = [(place, self._grown(paths[place], word, total)) for place, word, total in chosen]
            ended += [path for _, path in grown if path.ended]
            going = [(place, path) for place, path in grown if not path.ended]
            ended = sorted(ended, key=lambda path: -path.log_probability)[: how.beams]
            least = ended[-1].log_probability if len(ended) == how.beams else -np.inf
            going = [each for each in going if each[1].log_probability > least]  # it can only fall
            paths = [path for _, path in going]
            if not paths:
                break
            state = np.ascontiguousarray(state[:, [place for place, _ in going]])
            last = np.array([path.words[-1:] for path in paths], np.int64)
            logits, state = self._network.step(last, _SAID, state)
        return sorted([*ended, *paths], key=lambda path: -path.log_probability)[: how.beams]

    def _grown(self, path: _Path, word: int, total: float) -> _Path:
        if word == self.end:
            return _Path(path.words, total, ended=True)
        return _Path((*path.words, word), total, ended=False)

    def _continuation(self, path: _Path) -> Generated:
        words = [self.words[number] for number in path.words]
        return Generated(joined(words), words, path.log_probability, path.ended)


def _chooser(how: Decoding) -> Callable[[Chances], int]:
    if how.method == "greedy":
        return lambda chances: int(np.argmax(chances))
    rng = np.random.default_rng(how.seed)

    def draw(chances: Chances) -> int:
        kept = _largest(chances, how.top_k or len(chances))
        with np.errstate(divide="ignore"):
            logits = np.log(chances[kept]) / how.temperature
        rising = np.exp(logits - logits.max())
        return kept[int(rng.choice(len(kept), p=rising / rising.sum()))]

    return draw


def _best_steps(
    paths: Sequence[_Path], chances: Sequence[Chances], limit: int
) -> Iterator[tuple[int, int, float]]:
    """The likeliest of all next steps: which path, which word, and the log-probability of both together."""
    steps = [
        (place, word, path.log_probability + float(np.log(each[word])))
        for place, (path, each) in enumerate(zip(paths, chances, strict=True))
        for word in _largest(each, limit)
    ]
    yield from sorted(steps, key=lambda step: -step[2])[:limit]


def _largest(chances: Chances, limit: int) -> list[int]:
    """The numbers of the largest that are above 0, falling. Ties: the smaller number."""
    found = np.argsort(-chances, kind="stable")[:limit]
    some: list[int] = found[chances[found] > 0].tolist()
    return some
