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
    WordSpace,
)
from indexer.encoders.documents import DocumentEncoder, DocumentEncoding
from indexer.encoders.keeping import kept_encoder, kept_model, train_kept
from indexer.encoders.kept import KeptModel, KeptModels, check_model_name
from indexer.encoders.registry import (
    ENCODER_TYPES,
    check_encoder,
    encoder_options,
    load_encoder,
    make_encoder,
    trainer,
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
    "WordSpace",
    "check_encoder",
    "check_model_name",
    "encoder_options",
    "kept_encoder",
    "kept_model",
    "load_encoder",
    "make_encoder",
    "train_kept",
    "trainer",
]
