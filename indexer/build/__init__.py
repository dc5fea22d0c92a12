"""A full rebuild: the documents of the catalogue become a new generation, published when it is whole."""

from indexer.build.changes import Changes
from indexer.build.finetuning import train_reader, train_reranker
from indexer.build.frames import lacked_memory
from indexer.build.generations import KeptGeneration, kept_generations
from indexer.build.job import BuildReport, build_generation
from indexer.build.models import remove_model
from indexer.build.removal import clear_removed, remove_index
from indexer.build.settings import Needed, check_settings, needed
from indexer.build.training import TrainingReport, train_model, training_settings

__all__ = [
    "BuildReport",
    "Changes",
    "KeptGeneration",
    "Needed",
    "TrainingReport",
    "build_generation",
    "check_settings",
    "clear_removed",
    "kept_generations",
    "lacked_memory",
    "needed",
    "remove_index",
    "remove_model",
    "train_model",
    "train_reader",
    "train_reranker",
    "training_settings",
]
