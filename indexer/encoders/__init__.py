"""Text to vectors: the encoders, each behind the same interface."""

from indexer.encoders.base import (
    WHOLE,
    Analyse,
    Encoder,
    Encoding,
    Rows,
    Sentences,
    TermEncoder,
    TextEncoder,
    TokenVector,
    Vector,
    Word,
    WordEncoder,
)
from indexer.encoders.cache import EmbeddingCache, EncodeRows
from indexer.encoders.documents import DocumentEncoder, DocumentEncoding
from indexer.encoders.formats import FORMATS, read_vectors, write_vectors
from indexer.encoders.inside import ContextualEncoder, InnerModel, MaskedModel, TokenMatrix
from indexer.encoders.keeping import import_vectors, kept_encoder, kept_model, options_of, train_kept
from indexer.encoders.kept import KeptModel, KeptModels, Spelled, check_model_name
from indexer.encoders.pairs import PairModels
from indexer.encoders.registry import (
    ENCODER_TYPES,
    check_encoder,
    checked_options,
    encoder_options,
    load_encoder,
    make_encoder,
    reads_texts,
    trainer,
)
from indexer.encoders.words import WordSpace, WordVectors

__all__ = [
    "ENCODER_TYPES",
    "FORMATS",
    "WHOLE",
    "Analyse",
    "ContextualEncoder",
    "DocumentEncoder",
    "DocumentEncoding",
    "EmbeddingCache",
    "EncodeRows",
    "Encoder",
    "Encoding",
    "InnerModel",
    "KeptModel",
    "KeptModels",
    "MaskedModel",
    "PairModels",
    "Rows",
    "Sentences",
    "Spelled",
    "TermEncoder",
    "TextEncoder",
    "TokenMatrix",
    "TokenVector",
    "Vector",
    "Word",
    "WordEncoder",
    "WordSpace",
    "WordVectors",
    "check_encoder",
    "check_model_name",
    "checked_options",
    "encoder_options",
    "import_vectors",
    "kept_encoder",
    "kept_model",
    "load_encoder",
    "make_encoder",
    "options_of",
    "read_vectors",
    "reads_texts",
    "train_kept",
    "trainer",
    "write_vectors",
]
