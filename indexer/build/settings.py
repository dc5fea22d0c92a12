"""Whether an index can be built as its settings say."""

from indexer.analysis import VIEWS
from indexer.encoders import check_encoder
from indexer.errors import InputError, UnknownNameError
from indexer.types import IndexSettings
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
