"""The table of encoder types. A new one is a file beside this one and a line here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from indexer.encoders.base import Analyse, Encoder, Sentences
from indexer.encoders.bert import (
    BertOptions,
    KeptBertOptions,
    check_bert,
    load_bert,
    make_bert,
    make_kept_bert,
)
from indexer.encoders.fasttext import FastTextOptions, train_fasttext
from indexer.encoders.glove import GloveOptions, train_glove
from indexer.encoders.hashing import HashingEncoder, HashingOptions
from indexer.encoders.pooling import PoolingOptions
from indexer.encoders.rnn import KeptRnnOptions, RnnOptions, check_rnn, load_rnn, make_kept_rnn, make_rnn
from indexer.encoders.static import StaticVectors
from indexer.encoders.training import Train
from indexer.encoders.word2vec import Word2VecOptions, train_word2vec
from indexer.encoders.wordspace import trained_encoder
from indexer.errors import InputError, UnknownNameError
from indexer.types import EncoderSettings, Progress, no_progress

Options = TypeVar("Options", bound=BaseModel)
Checked = TypeVar("Checked", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class EncoderType(Generic[Options]):
    """How encoders of one type are made from a corpus, and read back from their folder."""

    options: type[Options]
    make: Callable[[Sentences, Options, Analyse, Progress], Encoder]
    load: Callable[[Path, Analyse], Encoder]
    train: Train[Any] | None = None  # where it is made of word vectors
    kept: type[BaseModel] | None = None  # the options that are left to say where it is of a kept model
    of_folder: Callable[[Path, Any, Analyse], Encoder] | None = None  # where that is a folder
    reads: Literal["terms", "texts"] = "terms"  # of documents, texts where any encoder of the type does
    check: Callable[[Options], None] | None = None  # of what the options name; raises InputError


def _of_words(name: str, options: type[Options], train: Train[Any]) -> EncoderType[Options]:
    make, load = partial(trained_encoder, name, train), partial(StaticVectors.load, name)
    return EncoderType(options, make, load, train, PoolingOptions)


ENCODER_TYPES: Mapping[str, EncoderType[Any]] = {
    "hashing": EncoderType(
        HashingOptions, lambda _, options, analyse, __: HashingEncoder(options, analyse), HashingEncoder.load
    ),
    "word2vec": _of_words("word2vec", Word2VecOptions, train_word2vec),
    "glove": _of_words("glove", GloveOptions, train_glove),
    "fasttext": _of_words("fasttext", FastTextOptions, train_fasttext),
    "bert": EncoderType(
        BertOptions,
        lambda _, options, __, ___: make_bert(options),
        lambda folder, _: load_bert(folder),
        reads="texts",
        check=check_bert,
        kept=KeptBertOptions,
        of_folder=lambda folder, options, _: make_kept_bert(folder, options),
    ),
    "rnn": EncoderType(
        RnnOptions,
        lambda _, options, analyse, __: make_rnn(options, analyse),
        load_rnn,
        reads="texts",
        check=check_rnn,
        kept=KeptRnnOptions,
        of_folder=make_kept_rnn,
    ),
}


WORD_TYPES = tuple(name for name, each in ENCODER_TYPES.items() if each.train)
"""The types whose encoders are made of word vectors."""


def encoder_options(type: str, options: Mapping[str, Any]) -> BaseModel:
    """The checked options of an encoder type, defaults filled in.

    Raises: UnknownNameError, InputError (`invalid_option`) whose pointer begins at the options."""
    checked: BaseModel = checked_options(type, _find(type).options, options)
    return checked


def checked_options(name_of_type: str, model: type[Checked], options: Mapping[str, Any]) -> Checked:
    """The options of a type as its model has them, defaults filled in.

    Raises: UnknownNameError, InputError (`invalid_option`) whose pointer begins at the options."""
    try:
        return model.model_validate(options)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        if first["type"] == "extra_forbidden":
            known = model.model_fields
            raise UnknownNameError("encoder option", name, known, pointer=f"/{name}") from None
        raise InputError(
            f"The option `{name[:100]}` of the encoder type `{name_of_type}`: {first['msg']}; "
            f"found {first['input']!r:.100}.",
            pointer=f"/{name}",
            code="invalid_option",
        ) from None


def check_encoder(settings: EncoderSettings) -> BaseModel:
    """The checked options of an encoder; where it is of a kept model, those that are left to say.

    Raises: UnknownNameError or InputError, with a pointer into the settings, where they cannot be kept."""
    try:
        found = _find(settings.type)
    except UnknownNameError as error:
        error.pointer = "/type"
        raise
    if settings.model is not None and found.kept is None:
        raise InputError(
            f"An encoder of the type `{settings.type}` is not made of a kept model: leave `model` out.",
            pointer="/model",
            code="no_word_vectors",
        )
    try:
        if settings.model is not None and found.kept is not None:
            return checked_options(settings.type, found.kept, settings.options)
        options = encoder_options(settings.type, settings.options)
        if found.check is not None:
            found.check(options)
        return options
    except InputError as error:
        error.pointer = f"/options{error.pointer}"
        raise


def trainer(type: str, pointer: str = "/type") -> Train[Any]:
    """What trains the word vectors of a type. Raises: UnknownNameError; InputError where it has none."""
    train = _find(type).train
    if train is None:
        raise InputError(
            f"An encoder of the type `{type}` has no word vectors: take one of {', '.join(WORD_TYPES)}.",
            pointer=pointer,
            code="no_word_vectors",
        )
    return train


def reads_texts(type: str) -> bool:
    """Whether encoders of a type read the texts of documents, not their terms. Raises: UnknownNameError."""
    return _find(type).reads == "texts"


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
