"""Text to vectors: the encoders, each behind the same interface."""

from indexer.encoders.base import (
    Analyse,
    Encoder,
    Encoding,
    Rows,
    Sentences,
    TermEncoder,
    TokenVector,
    Word,
    WordEncoder,
)
from indexer.encoders.documents import DocumentEncoder, DocumentEncoding
from indexer.encoders.kept import KeptModel, KeptModels
from indexer.encoders.registry import (
    ENCODER_TYPES,
    check_encoder,
    encoder_options,
    kept_encoder,
    kept_model,
    load_encoder,
    make_encoder,
)

__all__ = [
    "ENCODER_TYPES",
    "Analyse",
    "DocumentEncoder",
    "DocumentEncoding",
    "Encoder",
    "Encoding",
    "KeptModel",
    "KeptModels",
    "Rows",
    "Sentences",
    "TermEncoder",
    "TokenVector",
    "Word",
    "WordEncoder",
    "check_encoder",
    "encoder_options",
    "kept_encoder",
    "kept_model",
    "load_encoder",
    "make_encoder",
]
