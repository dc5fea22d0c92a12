"""The seam between text and vectors: what every encoder offers, and what it answers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from indexer.types import Ordinals, Tokens, Vectors

Vector = NDArray[np.float32]  # (dims,)

Analyse = Callable[[str], Tokens]
"""The words view of a text; handed in, so that encoders know nothing of analysis."""

Sentences = Iterable[Sequence[str]]
"""A corpus to train on: the terms of one field of one document after the other. It is read once."""

WHOLE = "(whole text)"
"""The one token of a text whose vector is no sum over its words, so that its share cannot be split."""


@dataclass(frozen=True, slots=True)
class TokenVector:
    """One token of a text: its own vector, and the weight with which it went into the text's.

    `start` and `end` are character offsets in the text. `vector` is None where the encoder does not
    know the token; its weight is then 0. `made`: the token was never learned, and its vector is made of
    its characters."""

    term: str
    start: int
    end: int
    vector: Vector | None  # (dims,)
    weight: float
    made: bool = False

    @property
    def known(self) -> bool:
        """Whether the encoder has a vector for this token."""
        return self.vector is not None


class Word(NamedTuple):
    """What an encoder knows of a term: its vector, what it counts in a text, and whether the vector is made
    of the characters of a term that was never learned."""

    vector: Vector  # (dims,)
    weight: float
    made: bool = False


@dataclass(frozen=True, slots=True)
class Encoding:
    """A text as a vector of length 1, with the tokens that it is made of.

    `vector` is None, never zero, where nothing in the text is known: such a text is absent from a
    ranking. Otherwise `Σ weight · vector` over the tokens is `vector`, so the cosine with a document d
    is the sum of the shares `weight · (vector · d)`. `oov` holds the unknown terms, each once; `left_out`:
    tokens at the end of the text that were not looked at."""

    vector: Vector | None  # (dims,)
    tokens: Sequence[TokenVector]
    oov: Sequence[str]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Rows:
    """The vectors of a batch of texts, each of length 1; a text that has none has no row.

    Shapes: vectors (n, dims), positions (n,). `positions[i]`, ascending, is the place in the batch of
    the text that row i belongs to."""

    vectors: Vectors
    positions: Ordinals


class Encoder(Protocol):
    """Text to vectors. An encoder is never changed once it is made."""

    @property
    def type(self) -> str:
        """Its name in the table of encoder types."""

    @property
    def dims(self) -> int:
        """The length of its vectors."""

    @property
    def fingerprint(self) -> str:
        """sha256, as hex, over its type, version, parameters and weights: equal means equal answers."""

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Each text as a vector, with its tokens; a text's answer does not depend on the others."""

    def encode_query(self, text: str) -> Encoding:
        """A text that is asked for, as a vector, with its tokens."""

    def save(self, folder: Path) -> None:
        """Writes it into `folder`, which is created where needed; nothing of it is pickled."""


@runtime_checkable
class TermEncoder(Encoder, Protocol):
    """An encoder that looks at nothing but the terms, so that documents are analysed once for all."""

    def encode_terms(self, batch: Sequence[Sequence[str]]) -> Rows:
        """The vectors of texts given as their terms; the same bytes as `encode` gives."""


@runtime_checkable
class TextEncoder(Encoder, Protocol):
    """An encoder that looks at the texts themselves, each of which may have several vectors."""

    def rows(self, texts: Sequence[str]) -> list[Vectors]:
        """The vectors that texts are found by. Shapes: (n, dims) each, n = 0 where a text has none."""

    def encode_rows(self, text: str) -> Sequence[Encoding]:
        """The same of one text, each vector with the tokens that it is made of."""


@runtime_checkable
class WordEncoder(TermEncoder, Protocol):
    """An encoder whose terms have a vector each, whatever stands beside them."""

    def word(self, term: str) -> Word | None:
        """A term by itself; None where it is not known."""
