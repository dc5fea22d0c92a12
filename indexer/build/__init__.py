"""A full rebuild: the documents of the catalogue become a new generation, published when it is whole."""

from indexer.build.job import BuildReport, build_generation
from indexer.build.models import remove_model
from indexer.build.settings import check_settings
from indexer.build.training import TrainingReport, train_model, training_settings

__all__ = [
    "BuildReport",
    "TrainingReport",
    "build_generation",
    "check_settings",
    "remove_model",
    "train_model",
    "training_settings",
]
