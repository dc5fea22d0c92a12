"""The table of encoder types. A new one is a file beside this one and a line here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from indexer.encoders.base import Analyse, Encoder, Sentences
from indexer.encoders.hashing import HashingEncoder, HashingOptions
from indexer.encoders.static import StaticVectors
from indexer.encoders.word2vec import Word2VecOptions, train_word2vec
from indexer.errors import InputError, UnknownNameError
from indexer.types import Progress, no_progress

Options = TypeVar("Options", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class EncoderType(Generic[Options]):
    """How encoders of one type are made from a corpus, and read back from their folder."""

    options: type[Options]
    make: Callable[[Sentences, Options, Analyse, Progress], Encoder]
    load: Callable[[Path, Analyse], Encoder]


ENCODER_TYPES: Mapping[str, EncoderType[Any]] = {
    "hashing": EncoderType(
        HashingOptions, lambda _, options, analyse, __: HashingEncoder(options, analyse), HashingEncoder.load
    ),
    "word2vec": EncoderType(Word2VecOptions, train_word2vec, partial(StaticVectors.load, "word2vec")),
}


def encoder_options(type: str, options: Mapping[str, Any]) -> BaseModel:
    """The checked options of an encoder type, defaults filled in.

    Raises: UnknownNameError, InputError (`invalid_option`) whose pointer begins at the options."""
    try:
        checked: BaseModel = _find(type).options.model_validate(options)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        if first["type"] == "extra_forbidden":
            known = _find(type).options.model_fields
            raise UnknownNameError("encoder option", name, known, pointer=f"/{name}") from None
        raise InputError(
            f"The option `{name[:100]}` of the encoder type `{type}`: {first['msg']}; "
            f"found {first['input']!r:.100}.",
            pointer=f"/{name}",
            code="invalid_option",
        ) from None
    return checked


def make_encoder(
    type: str,
    sentences: Sentences,
    options: Mapping[str, Any],
    analyse: Analyse,
    progress: Progress = no_progress,
) -> Encoder:
    """A new encoder; one that is trained is trained on the sentences, the others do not look at them.

    Raises: UnknownNameError, InputError, and what `progress` raises to stop."""
    encoder: Encoder = _find(type).make(sentences, encoder_options(type, options), analyse, progress)
    return encoder


def load_encoder(type: str, folder: Path, analyse: Analyse) -> Encoder:
    """The encoder that was saved in `folder`, whose checksums the caller has verified.

    Raises: UnknownNameError, CorruptError, FormatError, MismatchError."""
    encoder: Encoder = _find(type).load(folder, analyse)
    return encoder


def _find(type: str) -> EncoderType[Any]:
    try:
        return ENCODER_TYPES[type]
    except KeyError:
        raise UnknownNameError("encoder type", type, ENCODER_TYPES) from None
