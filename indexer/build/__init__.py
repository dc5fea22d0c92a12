"""A full rebuild: the documents of the catalogue become a new generation, published when it is whole."""

from indexer.build.changes import Changes
from indexer.build.finetuning import train_reader, train_reranker
from indexer.build.frames import lacked_memory
from indexer.build.generations import KeptGeneration, kept_generations
from indexer.build.job import BuildReport, build_generation
from indexer.build.labelling import LabellingReport, Labels, check_target, label_index, open_labeller
from indexer.build.models import remove_model
from indexer.build.removal import clear_removed, remove_index
from indexer.build.settings import Needed, check_settings, needed
from indexer.build.training import TrainingReport, train_model, training_settings
from indexer.build.trainings import READERS, check_training, train

__all__ = [
    "READERS",
    "BuildReport",
    "Changes",
    "KeptGeneration",
    "LabellingReport",
    "Labels",
    "Needed",
    "TrainingReport",
    "build_generation",
    "check_settings",
    "check_target",
    "check_training",
    "clear_removed",
    "kept_generations",
    "label_index",
    "lacked_memory",
    "needed",
    "open_labeller",
    "remove_index",
    "remove_model",
    "train",
    "train_model",
    "train_reader",
    "train_reranker",
    "training_settings",
]
