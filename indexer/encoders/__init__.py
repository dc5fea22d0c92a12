"""Text to vectors: the encoders, each behind the same interface."""

from indexer.encoders.base import Analyse, Encoder, Encoding, Rows, Sentences, TermEncoder, TokenVector
from indexer.encoders.registry import ENCODER_TYPES, encoder_options, load_encoder, make_encoder

__all__ = [
    "ENCODER_TYPES",
    "Analyse",
    "Encoder",
    "Encoding",
    "Rows",
    "Sentences",
    "TermEncoder",
    "TokenVector",
    "encoder_options",
    "load_encoder",
    "make_encoder",
]
