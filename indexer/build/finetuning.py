"""The training of a reranker and of a reader: a BERT and examples in, a kept model folder out."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from indexer.build.pretraining import BERT
from indexer.build.training import TrainingReport
from indexer.database import Catalogue, IndexRecord
from indexer.encoders import KeptModels, check_model_name, checked_options
from indexer.errors import InputError
from indexer.pretraining import Answered, Judged, ReaderOptions, RerankerOptions, require_train_extra
from indexer.types import Progress, no_progress

RERANKER, READER = "reranker", "reader"


def train_reranker(
    catalogue: Catalogue,
    data_dir: Path,
    index: str,
    judged: Sequence[Judged],
    options: Mapping[str, Any] | None = None,
    model: str | None = None,
    progress: Progress = no_progress,
) -> TrainingReport:
    """Trains a cross-encoder on judged queries of an index and keeps it, by itself as `INDEX-reranker`; it
    begins with the BERT that the index uses, where the options name no folder.

    Raises: MissingError, InputError, and what `progress` raises to stop."""
    require_train_extra()
    from indexer.pretraining import reranking

    checked = checked_options(RERANKER, RerankerOptions, options or {})

    def train(start: Path, folder: Path, kept: Path) -> Mapping[str, Any]:
        return reranking.train_reranker(judged, start, checked, folder, kept, progress)

    return _kept(catalogue.indexes.get(index), KeptModels(data_dir), RERANKER, model, checked.start, train)


def train_reader(
    catalogue: Catalogue,
    data_dir: Path,
    index: str,
    answered: Sequence[Answered],
    options: Mapping[str, Any] | None = None,
    model: str | None = None,
    progress: Progress = no_progress,
) -> TrainingReport:
    """Trains a reader on answered questions and keeps it, by itself as `INDEX-reader`; it begins with the
    BERT that the index uses, where the options name no folder.

    Raises: MissingError, InputError, and what `progress` raises to stop."""
    require_train_extra()
    from indexer.pretraining import reading

    checked = checked_options(READER, ReaderOptions, options or {})

    def train(start: Path, folder: Path, kept: Path) -> Mapping[str, Any]:
        return reading.train_reader(answered, start, checked, folder, kept, progress)

    return _kept(catalogue.indexes.get(index), KeptModels(data_dir), READER, model, checked.start, train)


def _kept(
    record: IndexRecord,
    models: KeptModels,
    kind: str,
    model: str | None,
    start: str | None,
    train: Callable[[Path, Path, Path], Mapping[str, Any]],
) -> TrainingReport:
    """What a training wrote, kept as the next version of a name."""
    began = perf_counter()
    name = model or f"{record.name}-{kind}"
    check_model_name(name)
    folder = _used_bert(record, models) if start is None else Path(start)
    with models.being_trained(name) as (kept, made):
        report = {"type": kind, **train(folder, made, kept)}
        found = models.keep_folder(name, kind, made, report["dims"], report["vocabulary"], report)
    seconds = perf_counter() - began
    return TrainingReport(
        model=str(found),
        encoder=kind,
        words_per_second=round(report["read"] / seconds, 1),
        seconds=round(seconds, 3),
        report=found.report,
    )


def _used_bert(record: IndexRecord, models: KeptModels) -> Path:
    """The folder of the BERT that an encoder of the index uses. Raises: InputError where there is none."""
    for each in record.settings.encoders.values():
        if each.type == BERT and each.model is not None:
            return models.folder(models.get(each.model))
    raise InputError(
        f"No encoder of the index `{record.name}` uses a kept BERT to begin with: name a folder, "
        f"start=FOLDER, or first run textprism train {record.name} bert.",
        code="no_bert",
    )
