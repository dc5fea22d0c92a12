"""The seam of encoders that can be looked into: vectors of words where they stand, and what is guessed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.base import Encoder
from indexer.errors import InputError
from indexer.types import Vectors


@dataclass(frozen=True, slots=True)
class Window:
    """A text, or as much of a long one as the model reads at once, as the model gets it.

    ids, terms, starts and ends are parallel; offsets are characters of the text, and those of a token that
    is not of the text, a special one or one of the prompt, are equal."""

    ids: Sequence[int]
    terms: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]

    def __len__(self) -> int:
        return len(self.ids)


Span = tuple[int, int]
"""[start, end) in the characters of a text."""


@dataclass(frozen=True, slots=True)
class TokenMatrix:
    """Numbers for each token of a text, in a layer: its vector, or how much it looks at each token.

    Shapes: values (length, dims) or (length, length), then each row sums to 1. `left_out`: tokens at the
    end of the text that were not looked at."""

    window: Window
    values: Vectors
    left_out: int


@dataclass(frozen=True, slots=True)
class Guess:
    """What could stand at a mask, the likeliest first: tokens with their probabilities."""

    offset: Span
    tokens: Sequence[tuple[str, float]]


@runtime_checkable
class InnerModel(Protocol):
    """What is inside of a model that reads a text word by word. Safe for any number of threads."""

    def hidden_states(self, text: str, layer: int) -> TokenMatrix:
        """The vectors of the tokens behind a layer; layer 0: as they go into the first.

        Raises: FeatureMissingError, InputError for a layer that is not there or a text without tokens."""

    def attention(self, text: str, layer: int, head: int) -> TokenMatrix:
        """How much each token looks at each, or one row: how much each counts in the vector of the text.

        Raises: as hidden_states."""

    def senses(self, text_a: str, span_a: Span, text_b: str, span_b: Span) -> list[float]:
        """How alike two words are where they stand: the cosine of the means of their tokens' vectors, a layer
        after the other from 0. Range: −1 to 1.

        Raises: FeatureMissingError, InputError for a span without a token."""


@runtime_checkable
class MaskedModel(InnerModel, Protocol):
    """One that was trained to guess what is masked, and what follows."""

    def fill_mask(self, text: str, k: int) -> list[Guess]:
        """The k likeliest tokens for each mask in a text. Raises: FeatureMissingError, InputError."""

    def next_sentence(self, first: str, second: str) -> float:
        """The probability that the second text follows the first. Raises: FeatureMissingError, InputError."""


@runtime_checkable
class ContextualEncoder(Encoder, Protocol):
    """An encoder in which the vector of a word depends on what is beside it."""

    @property
    def inner(self) -> InnerModel:
        """What is inside of its model."""


def check_number(what: str, number: int, count: int) -> None:
    """Raises InputError where there is no layer, or head, of that number."""
    if not 0 <= number < count:
        raise InputError(
            f"A {what} from 0 to {count - 1} was wanted, found {number}.",
            pointer=f"/{what}",
            code=f"unknown_{what}",
        )


def span_means(window: Window, states: Sequence[Vectors], text: str, span: Span) -> NDArray[np.float64]:
    """The mean of the vectors of the tokens in a span, by layer. Shapes: states (1, length, dims) each →
    (n_layers, dims). Raises: InputError for a span without a token that was read."""
    inside = [
        place
        for place, (start, end) in enumerate(zip(window.starts, window.ends, strict=True))
        if start < end and start < span[1] and end > span[0]
    ]
    if not inside:
        raise InputError(
            f"A span with a token that the model reads was wanted, found [{span[0]}, {span[1]}) of "
            f"{text[:100]!r}.",
            code="empty_span",
        )
    return np.array([each[0, inside].mean(axis=0, dtype=np.float64) for each in states])


def cosines(one: NDArray[np.float64], other: NDArray[np.float64]) -> list[float]:
    """Of each row with the row beside it; 0 where one is nothing. Shapes: (n, dims)."""
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    found: list[float] = ((one * other).sum(axis=1) / np.where(lengths > 0, lengths, 1.0)).tolist()
    return found


def softmax(logits: Vectors) -> NDArray[np.float64]:
    """The probabilities of logits. Shapes: (n,) → (n,)."""
    wide = np.exp(logits.astype(np.float64) - float(logits.max()))
    chances: NDArray[np.float64] = wide / wide.sum()
    return chances
