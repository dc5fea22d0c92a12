"""Recurrent networks trained on the user's own texts by back-propagation through time."""

from indexer.pretraining.rnn.options import RnnTrainingOptions

__all__ = ["RnnTrainingOptions"]
