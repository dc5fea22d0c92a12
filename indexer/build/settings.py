"""Whether an index can be built as its settings say, and what changed ones need."""

from dataclasses import dataclass, field
from typing import Literal

from indexer.analysis import VIEWS
from indexer.encoders import ENCODER_TYPES, check_encoder
from indexer.errors import InputError, UnknownNameError
from indexer.types import EncoderSettings, IndexSettings
from indexer.vectors import parse_kind
from indexer.weighting import WEIGHTINGS

LEXICAL_NAMES = frozenset({*WEIGHTINGS, "ngrams"})
NO_FIELDS = frozenset({"", "id", "_id"})


def check_settings(settings: IndexSettings) -> None:
    """Raises UnknownNameError or InputError, with a pointer, where a build could not follow the settings."""
    for number, name in enumerate(settings.views):
        if name not in VIEWS:
            raise UnknownNameError("view", name, VIEWS, pointer=f"/views/{number}")
    if not settings.views or len(set(settings.views)) < len(settings.views):
        raise InputError("An index needs at least one view, and each once.", pointer="/views")
    for name in settings.fields:
        if name in NO_FIELDS:
            raise InputError(f"`{name}` cannot be a field: it is the key.", pointer=f"/fields/{name}")
    for name, encoder in settings.encoders.items():
        pointer = f"/encoders/{name}"
        if name in LEXICAL_NAMES:
            raise InputError(f"`{name}` is a lexical retriever: name the encoder otherwise.", pointer=pointer)
        try:
            options = check_encoder(encoder)
            if encoder.vectors is not None:
                parse_kind(encoder.vectors, getattr(options, "dims", None))
        except InputError as error:
            error.pointer = f"{pointer}{error.pointer or '/vectors'}"
            raise


@dataclass(frozen=True, slots=True)
class Needed:
    """What a reindex must do so that settings take effect: the most of it first, then which encoders.

    `re-analysis`: the documents are read anew · `retraining`: of these encoders, which are made anew ·
    `re-encoding`: the documents become vectors anew. Without retraining, a reindex that keeps the encoders
    is enough."""

    needs: Literal["nothing", "re-encoding", "retraining", "re-analysis"]
    retraining: list[str] = field(default_factory=list)
    reencoding: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


def needed(old: IndexSettings, new: IndexSettings) -> Needed:
    """What it takes to come from an index as the old settings have built it to one of the new."""
    words_change = old.text_fields != new.text_fields or old.analysis.dictionary != new.analysis.dictionary
    retraining, reencoding = [], []
    for name, each in new.encoders.items():
        former = old.encoders.get(name)
        if former is None or _made_of(former) != _made_of(each) or (words_change and _is_trained(each)):
            retraining.append(name)
        elif words_change or former != each:
            reencoding.append(name)
    removed = [name for name in old.encoders if name not in new.encoders]
    if old.model_copy(update={"encoders": {}}) != new.model_copy(update={"encoders": {}}):
        return Needed("re-analysis", retraining, reencoding, removed)
    if retraining:
        return Needed("retraining", retraining, reencoding, removed)
    return Needed("re-encoding" if reencoding or removed else "nothing", retraining, reencoding, removed)


def _made_of(encoder: EncoderSettings) -> object:
    """What an encoder itself depends on; the rest says what is made with it."""
    return encoder.type, encoder.options, encoder.model


def _is_trained(encoder: EncoderSettings) -> bool:
    """Whether it is made of the words of the index."""
    return ENCODER_TYPES[encoder.type].train is not None
