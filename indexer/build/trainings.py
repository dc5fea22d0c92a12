"""Everything that is trained on the documents of an index: its encoders, and what reads these."""

from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from indexer.build.classifying import CLASSIFIER, classifier_options, train_classifier
from indexer.build.compressing import AUTOENCODER, autoencoder_options, train_autoencoder
from indexer.build.training import TrainingReport, train_model, training_settings
from indexer.database import Catalogue, IndexRecord
from indexer.encoders import KeptModel, KeptModels, check_model_name
from indexer.types import Progress, no_progress


class Reader(NamedTuple):
    """A training of what reads encoders: what it can be told, and itself."""

    options: Callable[[IndexRecord, Mapping[str, Any]], Any]
    train: Callable[[Catalogue, Path, IndexRecord, str, Any, Progress], KeptModel]


READERS = {
    CLASSIFIER: Reader(classifier_options, train_classifier),
    AUTOENCODER: Reader(autoencoder_options, train_autoencoder),
}


def check_training(
    record: IndexRecord, models: KeptModels, what: str, options: Mapping[str, Any] | None
) -> None:
    """Raises UnknownNameError, InputError or MissingError where something cannot be trained so."""
    if what in READERS and what not in record.settings.encoders:
        READERS[what].options(record, options or {})
    else:
        training_settings(record, models, what, options)


def train(
    catalogue: Catalogue,
    data_dir: Path,
    index: str,
    what: str,
    options: Mapping[str, Any] | None = None,
    model: str | None = None,
    progress: Progress = no_progress,
) -> TrainingReport:
    """Trains an encoder of an index, or what is in `READERS`, and keeps it as the next version of a model, by
    itself called `INDEX-WHAT`. Raises: as `train_model`; and as the training."""
    record = catalogue.indexes.get(index)
    if what not in READERS or what in record.settings.encoders:
        return train_model(catalogue, data_dir, index, what, options, model, progress)
    started = perf_counter()
    reader = READERS[what]
    checked = reader.options(record, options or {})
    name = model or f"{index}-{what}"
    check_model_name(name)
    kept = reader.train(catalogue, data_dir, record, name, checked, progress)
    seconds = perf_counter() - started
    return TrainingReport(
        model=str(kept),
        encoder=what,
        words_per_second=round(kept.report["read"] / seconds, 1),
        seconds=round(seconds, 3),
        report=kept.report,
    )
