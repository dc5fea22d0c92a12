"""Training as a job of its own: the documents of an index in, kept word vectors out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from indexer.analysis import Analyzer
from indexer.build.lexical import spool_words
from indexer.build.spool import WordSpool
from indexer.database import Catalogue, IndexRecord
from indexer.encoders import KeptModels, check_encoder, check_model_name, options_of, train_kept, trainer
from indexer.errors import InputError
from indexer.types import EncoderSettings, Progress, no_progress


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What a training made: the version that is kept, which encoder uses it from the next reindex on, and
    what it tells of itself."""

    model: str
    encoder: str
    words_per_second: float
    seconds: float
    report: Mapping[str, Any]


def train_model(
    catalogue: Catalogue,
    data_dir: Path,
    index: str,
    encoder: str,
    options: Mapping[str, Any] | None = None,
    model: str | None = None,
    progress: Progress = no_progress,
) -> TrainingReport:
    """Trains word vectors on the documents of an index, keeps them as the next version of a model, by itself
    called `INDEX-ENCODER`, and tells the encoder of the index to use it from the next reindex on.

    encoder: of the settings, or a type, which the settings then get an encoder of · options: what is said
    otherwise than in the settings. Nothing is changed before the model is whole.
    Raises: MissingError, UnknownNameError, InputError, and what `progress` raises to stop."""
    started = perf_counter()
    record = catalogue.indexes.get(index)
    models = KeptModels(data_dir)
    settings = training_settings(record, models, encoder, options)
    name = model or f"{index}-{encoder}"
    check_model_name(name)
    analyse = Analyzer(record.settings.analysis).analyse
    with (
        TemporaryDirectory(prefix="textprism-") as folder,
        WordSpool(Path(folder) / "words.spool", len(record.settings.text_fields)) as spool,
    ):
        with catalogue.documents.snapshot(index) as snapshot:
            spool_words(snapshot.documents(), snapshot.count, record.settings, spool, progress)
        began = perf_counter()
        kept = train_kept(models, name, settings, spool.sentences(), analyse, progress)
        trained = perf_counter() - began
    _use(catalogue, index, encoder, settings, str(kept))
    epochs = len(kept.report["losses"])
    return TrainingReport(
        model=str(kept),
        encoder=encoder,
        words_per_second=round(kept.report["tokens"] * epochs / trained, 1),
        seconds=round(perf_counter() - started, 3),
        report=kept.report,
    )


def training_settings(
    record: IndexRecord, models: KeptModels, encoder: str, options: Mapping[str, Any] | None = None
) -> EncoderSettings:
    """The settings of an encoder of an index, as they are for a training: what is said now, else what was
    said when the model was trained that it uses.

    Raises: UnknownNameError, InputError where it cannot be trained so, or the index has no text; MissingError
    where it uses a model that is not there."""
    if not record.settings.text_fields:
        raise InputError(f"The index `{record.name}` has no text to train on: import documents first.")
    known = record.settings.encoders.get(encoder, EncoderSettings(type=encoder))
    said = {**options_of(models, known), **(options or {})}
    settings = known.model_copy(update={"model": None, "options": said})
    check_encoder(settings)
    trainer(settings.type)
    return settings


def _use(catalogue: Catalogue, index: str, encoder: str, settings: EncoderSettings, model: str) -> None:
    """Tells an encoder of an index to use a model; of the options remain those of the use."""
    record = catalogue.indexes.get(index)
    pooling = {name: value for name, value in settings.options.items() if name == "pooling"}
    used = settings.model_copy(update={"model": model, "options": pooling})
    encoders = {**record.settings.encoders, encoder: used}
    catalogue.indexes.save_settings(index, record.settings.model_copy(update={"encoders": encoders}))
