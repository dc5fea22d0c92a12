"""The labels of a text, or of a document, as a kept classifier guesses them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.build import open_labeller
from indexer.classification import Guess
from indexer.encoders import EmbeddingCache, KeptModels
from indexer.generation import Generation
from indexer.types import Document


@dataclass(frozen=True, slots=True)
class LabelReason:
    """A term, and what it adds to the logit of the first label above the mean of all labels."""

    term: str
    share: float


@dataclass(frozen=True, slots=True)
class Classification:
    """The most probable labels, none where nothing of the text is known. on: what the classifier reads ·
    field: that it has learned · because: the terms that speak for the first label, where it is
    linear on TF-IDF."""

    model: str
    on: str
    field: str
    labels: Sequence[Guess]
    because: Sequence[LabelReason]


def classify(
    generation: Generation, data_dir: Path, document: Document, model: str, limit: int
) -> Classification:
    """The labels of a document, or of a text given as one. Raises: as `open_labeller`."""
    with EmbeddingCache(data_dir) as cache:
        labeller = open_labeller(KeptModels(data_dir), model, generation, cache)
        [found] = labeller.labels([document], limit)
    reasons = [LabelReason(*each) for each in found.because]
    return Classification(labeller.model, labeller.on, labeller.field, found.labels, reasons)
