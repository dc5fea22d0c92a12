"""Training as a job of its own: the documents of an index in, a kept model out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NamedTuple

from indexer.analysis import Analyzer
from indexer.build.lexical import spool_words
from indexer.build.pretraining import BERT, train_bert
from indexer.build.recurrent import RNN, check_field, train_rnn
from indexer.build.spool import WordSpool
from indexer.database import Catalogue, IndexRecord
from indexer.encoders import (
    KeptModel,
    KeptModels,
    check_encoder,
    check_model_name,
    checked_options,
    options_of,
    train_kept,
    trainer,
)
from indexer.errors import InputError
from indexer.pretraining import BertOptions, RnnTrainingOptions, require_train_extra
from indexer.types import EncoderSettings, Progress, no_progress


class Network(NamedTuple):
    """What the training of a network can be told, other than its encoder, and what trains it."""

    options: type[BertOptions] | type[RnnTrainingOptions]
    train: Callable[[Catalogue, IndexRecord, KeptModels, str, Any, Progress], KeptModel]


NETWORKS: Mapping[str, Network] = {
    BERT: Network(BertOptions, train_bert),
    RNN: Network(RnnTrainingOptions, train_rnn),
}


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What a training made: the version that is kept, which encoder uses it from the next reindex on, and
    what it tells of itself. words_per_second: of what reads encoders, the documents or vectors."""

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
    """Trains word vectors, a BERT or an RNN on the documents of an index, keeps them as the next version of a
    model, by itself called `INDEX-ENCODER`, and tells the encoder of the index to use it from the next
    reindex on.

    encoder: of the settings, or a type, which the settings then get an encoder of · options: what is said
    otherwise than in the settings. Nothing is changed before the model is whole.
    Raises: MissingError, UnknownNameError, InputError, and what `progress` raises to stop."""
    started = perf_counter()
    record = catalogue.indexes.get(index)
    models = KeptModels(data_dir)
    settings = training_settings(record, models, encoder, options)
    name = model or f"{index}-{encoder}"
    check_model_name(name)
    train = _train_network if settings.type in NETWORKS else _train_words
    kept, words, seconds = train(catalogue, record, models, name, settings, progress)
    _use(catalogue, index, encoder, settings, str(kept))
    return TrainingReport(
        model=str(kept),
        encoder=encoder,
        words_per_second=round(words / seconds, 1),
        seconds=round(perf_counter() - started, 3),
        report=kept.report,
    )


class _Trained(NamedTuple):
    """What is kept, and how many words, or pieces of words, were read for it in how many seconds."""

    kept: KeptModel
    words: int
    seconds: float


def _train_words(
    catalogue: Catalogue,
    record: IndexRecord,
    models: KeptModels,
    name: str,
    settings: EncoderSettings,
    progress: Progress,
) -> _Trained:
    analyse = Analyzer(record.settings.analysis).analyse
    with (
        TemporaryDirectory(prefix="textprism-") as folder,
        WordSpool(Path(folder) / "words.spool", len(record.settings.text_fields)) as spool,
    ):
        with catalogue.documents.snapshot(record.name) as snapshot:
            spool_words(snapshot.documents(), snapshot.count, record.settings, spool, progress)
        began = perf_counter()
        kept = train_kept(models, name, settings, spool.sentences(), analyse, progress)
    seconds = perf_counter() - began
    return _Trained(kept, kept.report["tokens"] * len(kept.report["losses"]), seconds)


def _train_network(
    catalogue: Catalogue,
    record: IndexRecord,
    models: KeptModels,
    name: str,
    settings: EncoderSettings,
    progress: Progress,
) -> _Trained:
    began = perf_counter()
    network = NETWORKS[settings.type]
    options = network.options(**settings.options)
    kept = network.train(catalogue, record, models, name, options, progress)
    return _Trained(kept, kept.report["read"], perf_counter() - began)


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
    if known.type in NETWORKS:
        checked = _network_options(models, known, options)
        if isinstance(checked, RnnTrainingOptions):
            check_field(record, checked)
        told = checked.model_dump(exclude_unset=True)
        return known.model_copy(update={"model": None, "options": told})
    said = {**options_of(models, known), **(options or {})}
    settings = known.model_copy(update={"model": None, "options": said})
    check_encoder(settings)
    trainer(settings.type)
    return settings


def _network_options(
    models: KeptModels, known: EncoderSettings, options: Mapping[str, Any] | None
) -> BertOptions | RnnTrainingOptions:
    """What the training of a network is told: what is said now, else what was said of the model that the
    encoder uses, if that had the same objective.

    Raises: InputError where it cannot be trained so, or not here; MissingError where there is no such one."""
    require_train_extra()
    said = dict(options or {})
    former = {} if known.model is None else models.get(known.model).report.get("options", {})
    if said.get("objective", former.get("objective")) == former.get("objective"):
        said = {**former, **said}
    try:
        return checked_options(known.type, NETWORKS[known.type].options, said)
    except InputError as error:
        error.pointer = f"/options{error.pointer}"
        raise


def _use(catalogue: Catalogue, index: str, encoder: str, settings: EncoderSettings, model: str) -> None:
    """Tells an encoder of an index to use a model; of the options remain those of the use."""
    record = catalogue.indexes.get(index)
    if settings.type in NETWORKS:
        known = record.settings.encoders.get(encoder)
        used = (
            {} if known is None else {name: each for name, each in known.options.items() if name != "model"}
        )
    else:
        used = {name: value for name, value in settings.options.items() if name == "pooling"}
    encoders = {
        **record.settings.encoders,
        encoder: settings.model_copy(update={"model": model, "options": used}),
    }
    catalogue.indexes.save_settings(index, record.settings.model_copy(update={"encoders": encoders}))
