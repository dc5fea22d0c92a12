"""What is inside of an RNN: its states word by word, what each counts, and what comes out at each step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.inside import Span, TokenMatrix, Window, check_number, cosines, softmax, span_means
from indexer.encoders.rnn.decoding import Named
from indexer.encoders.rnn.words import Reading
from indexer.errors import FeatureMissingError, InputError
from indexer.types import Vectors

if TYPE_CHECKING:
    from indexer.encoders.rnn.encoder import RnnEncoder

MOST_STEPS = 1_000
"""Words of a text that are looked at one by one."""


@dataclass(frozen=True, slots=True)
class Output:
    """What comes out behind one word: the next word, or its label; empty where that was not learned."""

    token: str
    start: int
    end: int
    next_word: Named
    labels: Named


@dataclass(frozen=True, slots=True)
class Outputs:
    """What comes out of a network for a text: at each step, the first behind what begins a text, and of the
    whole text its labels with their probabilities, or a number. `left_out`: words not looked at."""

    steps: Sequence[Output]
    labels: Named
    value: float | None
    left_out: int


class RnnInside:
    """The states and outputs of an encoder. Safe for any number of threads."""

    def __init__(self, encoder: "RnnEncoder") -> None:
        self._encoder = encoder
        self._network = encoder.network
        self._config = encoder.network.config

    @property
    def field(self) -> str | None:
        """The field of documents that was learned, if one was."""
        return self._config.field

    def hidden_states(self, text: str, layer: int) -> TokenMatrix:
        """The state behind each word in a layer; layer 0: the vectors that go in.

        Shapes: values (length, numbers of a state). Raises: InputError."""
        check_number("layer", layer, self._config.layers + 1)
        reading = self._read(text)
        [values] = self._network.read_one(reading.window.ids, [f"hidden_states.{layer}"])
        return TokenMatrix(reading.window, values[0], reading.left_out)

    def attention(self, text: str, layer: int, head: int) -> TokenMatrix:
        """How much each word counts in the vector of the text; an RNN has one layer and one head of it.

        Shapes: values (1, length). Raises: FeatureMissingError for another pooling, InputError."""
        if self._config.pooling != "attention":
            raise FeatureMissingError(
                f"The network pools by `{self._config.pooling}`: only one with pooling=attention looks at "
                "words."
            )
        check_number("layer", layer, 1)
        check_number("head", head, 1)
        reading = self._read(text)
        [values] = self._network.read_one(reading.window.ids, ["weights"])
        return TokenMatrix(reading.window, values, reading.left_out)

    def senses(self, text_a: str, span_a: Span, text_b: str, span_b: Span) -> list[float]:
        """How alike two words are where they stand: the cosine of the means of their states, a layer after
        the other from 0. Range: −1 to 1. Raises: InputError for a span without a word."""
        names = [f"hidden_states.{layer}" for layer in range(self._config.layers + 1)]
        one, other = (self._means(names, *each) for each in ((text_a, span_a), (text_b, span_b)))
        return cosines(one, other)

    def outputs(self, text: str, limit: int) -> Outputs:
        """What comes out for a text: of names the `limit` likeliest.

        Raises: InputError for a text without words."""
        reading = self._encoder.lexis.read(text, min(MOST_STEPS, self._encoder.options.max_length))
        window = reading.window
        if len(window) < 2:
            raise _no_words()
        steps = zip(self._next_words(window, limit), self._labels(window, limit), strict=True)
        told = [
            Output(window.terms[place], window.starts[place], window.ends[place], next_word, labels)
            for place, (next_word, labels) in enumerate(steps)
        ]
        labels, value = self._of_text(window, limit)
        return Outputs(told, labels, value, reading.left_out)

    def _next_words(self, window: Window, limit: int) -> Iterator[Named]:
        """Behind each word, one after the other."""
        language = self._encoder.language
        state: Vectors | None = None
        for number in window.ids:
            if language is None:
                yield []
            else:
                logits, state = self._network.read_one([number], ["next_logits", "final_state"], state)
                yield language.best(language.chances(logits[0]), limit)

    def _labels(self, window: Window, limit: int) -> Iterator[Named]:
        """Of each word; what begins a text has none."""
        if not self._config.each_word:
            yield from ([] for _ in window.ids)
            return
        [logits] = self._network.read_one(window.ids, ["output"])
        yield []
        for each in logits[0, 1:]:
            yield self._names(each, limit)

    def _of_text(self, window: Window, limit: int) -> tuple[Named, float | None]:
        if not self._config.outputs or self._config.each_word:
            return [], None
        [logits] = self._network.read_one(window.ids, ["output"])
        if not self._config.names:
            return [], float(logits[0, 0])
        return self._names(logits[0], limit), None

    def _names(self, logits: Vectors, limit: int) -> Named:
        chances = softmax(logits)
        order = np.argsort(-chances, kind="stable")[:limit].tolist()
        return [(self._config.names[number], float(chances[number])) for number in order]

    def _read(self, text: str) -> Reading:
        reading = self._encoder.read(text)
        if len(reading.window) < 2:
            raise _no_words()
        return reading

    def _means(self, names: Sequence[str], text: str, span: Span) -> NDArray[np.float64]:
        """The mean of the states of the words in a span, by layer; layers may differ in their numbers, the
        narrower ones are filled up with 0, which no cosine sees."""
        window = self._read(text).window
        states = self._network.read_one(window.ids, names)
        widest = max(each.shape[2] for each in states)
        filled = [np.pad(each, ((0, 0), (0, 0), (0, widest - each.shape[2]))) for each in states]
        return span_means(window, filled, text, span)


def _no_words() -> InputError:
    return InputError(
        "A text with at least one word was wanted, found none.", pointer="/text", code="empty_text"
    )
