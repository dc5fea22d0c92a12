"""Transformers and RNNs trained on the user's own texts, and their weights as graphs; torch is needed here
alone.

The modules that need it are imported by those who call them, after `require_train_extra`: the product works
without the extra `train`."""

from indexer.pretraining.examples import Answered, Judged
from indexer.pretraining.extra import require_train_extra
from indexer.pretraining.options import AutoencoderOptions, BertOptions, ReaderOptions, RerankerOptions
from indexer.pretraining.rnn import RnnTrainingOptions

__all__ = [
    "Answered",
    "AutoencoderOptions",
    "BertOptions",
    "Judged",
    "ReaderOptions",
    "RerankerOptions",
    "RnnTrainingOptions",
    "require_train_extra",
]
