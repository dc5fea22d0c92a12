"""Words where they stand, inside a contextual encoder: their senses, and what could stand there instead."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from indexer.encoders import ContextualEncoder, InnerModel, MaskedModel, TokenMatrix
from indexer.errors import FeatureMissingError, InputError, UnknownNameError
from indexer.generation import Generation

Model = TypeVar("Model", bound=InnerModel)


@dataclass(frozen=True, slots=True)
class Context:
    """A text, and the place in it that is looked at, in characters."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Senses:
    """One word in two contexts. `cosines`: of its two vectors, a layer after the other; the first is that of
    what goes into the model, which no context has touched yet."""

    encoder: str
    word: str
    contexts: Sequence[Context]
    cosines: Sequence[float]


@dataclass(frozen=True, slots=True)
class Likely:
    """A token that could stand at a mask."""

    token: str
    probability: float


@dataclass(frozen=True, slots=True)
class FilledMask:
    """One mask of the text, and what could stand there, the likeliest first."""

    start: int
    end: int
    tokens: Sequence[Likely]


@dataclass(frozen=True, slots=True)
class FilledMasks:
    """What could stand at each mask of a text."""

    encoder: str
    masks: Sequence[FilledMask]


@dataclass(frozen=True, slots=True)
class NextSentence:
    """The probability that the second text follows the first."""

    encoder: str
    probability: float


@dataclass(frozen=True, slots=True)
class ModelToken:
    """A token as the model reads it; `start` = `end` of one that is not of the text."""

    token: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Inside:
    """Numbers for each token of a text in a layer: its vector, or with `head` how much it looks at each.

    Shapes: values (length, dims) or (length, length), then each row sums to 1. `left_out`: tokens beyond what
    the model reads at once."""

    encoder: str
    layer: int
    head: int | None
    tokens: Sequence[ModelToken]
    values: Sequence[Sequence[float]]
    left_out: int


def senses(generation: Generation, word: str, texts: Sequence[str], encoder: str | None = None) -> Senses:
    """How alike a word is in two texts, at its first place in each, whatever its case.

    Raises: FeatureMissingError, UnknownNameError; InputError where a text does not have it."""
    name, inner = _inner(generation, encoder)
    one, other = (_place(word, text, number) for number, text in enumerate(texts))
    cosines = inner.senses(one.text, (one.start, one.end), other.text, (other.start, other.end))
    return Senses(name, word, [one, other], cosines)


def fill_mask(generation: Generation, text: str, limit: int, encoder: str | None = None) -> FilledMasks:
    """What could stand at each mask of a text. Raises: as `senses`; InputError for a text without one."""
    name, inner = _masked(generation, encoder)
    found = inner.fill_mask(text, limit)
    return FilledMasks(
        name, [FilledMask(*each.offset, [Likely(*token) for token in each.tokens]) for each in found]
    )


def next_sentence(
    generation: Generation, first: str, second: str, encoder: str | None = None
) -> NextSentence:
    """Whether a text follows another. Raises: as `senses`; InputError where both are too long together."""
    name, inner = _masked(generation, encoder)
    return NextSentence(name, inner.next_sentence(first, second))


def inside(
    generation: Generation, text: str, layer: int, head: int | None = None, encoder: str | None = None
) -> Inside:
    """The vectors of the tokens behind a layer, or the attention of one of its heads.

    Raises: as `senses`; InputError for a layer or head that is not there, or a text without tokens."""
    name, inner = _inner(generation, encoder)
    found = inner.hidden_states(text, layer) if head is None else inner.attention(text, layer, head)
    return Inside(name, layer, head, _tokens(found), found.values.tolist(), found.left_out)


def _tokens(found: TokenMatrix) -> list[ModelToken]:
    window = found.window
    return [ModelToken(*each) for each in zip(window.terms, window.starts, window.ends, strict=True)]


def _place(word: str, text: str, number: int) -> Context:
    match = re.search(re.escape(word), text, re.IGNORECASE)
    if match is None:
        raise InputError(
            f"A text with `{word[:100]}` was wanted; this one has it nowhere.",
            pointer=f"/texts/{number}",
            code="word_not_in_text",
        )
    return Context(text, *match.span())


def _inner(generation: Generation, name: str | None) -> tuple[str, InnerModel]:
    """An encoder with what is inside of it; where none is named the first of the index."""
    return _chosen(_contextual(generation), name)


def _masked(generation: Generation, name: str | None) -> tuple[str, MaskedModel]:
    """The same of those that were trained to guess what is masked."""
    found = _contextual(generation)
    able = {each: inner for each, inner in found.items() if isinstance(inner, MaskedModel)}
    if name in found and name not in able:
        raise FeatureMissingError(f"`{name}` has not learned this: name an encoder of the type `bert`.")
    return _chosen(able, name)


def _contextual(generation: Generation) -> dict[str, InnerModel]:
    return {
        name: dense.encoder.inner
        for name, dense in generation.dense.items()
        if isinstance(dense.encoder, ContextualEncoder)
    }


def _chosen(found: Mapping[str, Model], name: str | None) -> tuple[str, Model]:
    if not found:
        raise FeatureMissingError(
            "This index has no contextual encoder: add one of the type `bert` to its settings, and reindex."
        )
    if name is None:
        return next(iter(found.items()))
    if name not in found:
        raise UnknownNameError("encoder", name, found, pointer="/encoder")
    return name, found[name]
