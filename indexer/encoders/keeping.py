"""Between kept word vectors and the encoders of an index: trained and kept, found again and used."""

from pathlib import Path
from typing import Any

from indexer.encoders.base import Analyse, Encoder, Sentences
from indexer.encoders.formats import FORMATS, read_vectors
from indexer.encoders.kept import KeptModel, KeptModels, check_model_name
from indexer.encoders.pooling import PoolingOptions
from indexer.encoders.registry import ENCODER_TYPES, check_encoder, trainer
from indexer.encoders.report import training_report
from indexer.encoders.training import TrainingOptions
from indexer.encoders.wordspace import encoder_of_words, train_words, words_as_terms
from indexer.errors import InputError
from indexer.types import EncoderSettings, Progress


def train_kept(
    models: KeptModels,
    name: str,
    settings: EncoderSettings,
    sentences: Sentences,
    analyse: Analyse,
    progress: Progress,
) -> KeptModel:
    """The next version of that name, trained on the sentences.

    Raises: InputError (`corpus_too_small`), and what `progress` raises to stop; then nothing is kept."""
    options = check_encoder(settings)
    assert isinstance(options, TrainingOptions)
    trained, corpus = train_words(settings.type, trainer(settings.type), sentences, options, progress)
    said = {**options.model_dump(), "epochs": len(trained.losses)}
    report = training_report(settings.type, said, trained, corpus, analyse)
    report["options"] = dict(settings.options)
    return models.keep(name, settings.type, trained.words, "terms", report)


def options_of(models: KeptModels, settings: EncoderSettings) -> dict[str, Any]:
    """What was said of an encoder: in its settings, and where it uses a kept model when that was trained.

    Raises: MissingError where there is no such model."""
    if settings.model is None:
        return dict(settings.options)
    return {**models.get(settings.model).report.get("options", {}), **settings.options}


def kept_encoder(
    models: KeptModels, settings: EncoderSettings, sentences: Sentences, analyse: Analyse, progress: Progress
) -> Encoder:
    """The encoder of the kept model that the settings name; of word vectors it is weighted for the sentences.

    Raises: MissingError, InputError where it is of another type, CorruptError."""
    model = kept_model(models, settings)
    options = check_encoder(settings)
    if (of_folder := ENCODER_TYPES[settings.type].of_folder) is not None:
        return of_folder(models.folder(model), options, analyse)
    assert isinstance(options, PoolingOptions)
    words = models.words(model)
    if model.spelled == "words":
        words = words_as_terms(words, analyse)
    report = {**model.report, "model": str(model)}
    return encoder_of_words(settings.type, words, sentences, options, analyse, report, progress)


def kept_model(models: KeptModels, settings: EncoderSettings) -> KeptModel:
    """The kept model that the settings name.

    Raises: MissingError, InputError where it is of another type than the settings say."""
    model = models.get(settings.model or "")
    if model.type != settings.type:
        raise InputError(
            f"The model `{model}` is of the type `{model.type}`, the encoder of `{settings.type}`: "
            f"give it the type `{model.type}`, or another model.",
            code="model_of_another_type",
        )
    return model


def import_vectors(
    models: KeptModels, name: str, path: Path, format: str | None, limit: int | None, progress: Progress
) -> KeptModel:
    """The next version of that name, read from a file of word vectors. Raises: BadFileError, InputError."""
    check_model_name(name)
    found, words = read_vectors(path, format, limit, progress)
    report = {"source": path.name, "format": found, "limit": limit, "vocabulary": len(words.words)}
    return models.keep(name, FORMATS[found].type, words, "words", report)
