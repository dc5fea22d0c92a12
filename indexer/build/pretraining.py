"""The pretraining of a BERT as a job of its own: the documents of an index in, a kept model folder out."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from indexer.database import Catalogue, IndexRecord
from indexer.encoders import KeptModel, KeptModels, checked_options
from indexer.errors import InputError
from indexer.pretraining import BertOptions, require_train_extra
from indexer.storage.locks import file_lock
from indexer.types import EncoderSettings, Progress

BERT = "bert"


def bert_options(
    models: KeptModels, known: EncoderSettings, options: Mapping[str, Any] | None
) -> BertOptions:
    """What a pretraining is told: what is said now, else what was said of the model that the encoder uses.

    Raises: InputError where it cannot be trained so, or not here; MissingError where there is no such one."""
    require_train_extra()
    former = {} if known.model is None else models.get(known.model).report.get("options", {})
    try:
        return checked_options(BERT, BertOptions, {**former, **(options or {})})
    except InputError as error:
        error.pointer = f"/options{error.pointer}"
        raise


def train_bert(
    catalogue: Catalogue,
    record: IndexRecord,
    models: KeptModels,
    name: str,
    options: BertOptions,
    progress: Progress,
) -> KeptModel:
    """The next version of that name, trained on the documents of an index.

    Raises: InputError; LockedError where it is being trained; what `progress` raises to stop: then the same
    training goes on from its last checkpoint when it is asked for again."""
    from indexer.pretraining.pretrain import Texts, pretrain, read_corpus

    fields = record.settings.text_fields
    kept = models.training(name)
    with (
        file_lock(kept.with_suffix(".lock"), wait=False),
        TemporaryDirectory(prefix="textprism-") as folder,
    ):
        with catalogue.documents.snapshot(record.name) as snapshot:

            def read() -> Iterator[Sequence[str]]:
                for document in snapshot.documents():
                    yield [document.text(field) for field in fields]

            corpus = read_corpus(Texts(read, snapshot.count), options, progress)
        report = {"type": BERT, **pretrain(corpus, options, Path(folder), kept, progress)}
        report["options"] = options.model_dump(exclude_unset=True)
        return models.keep_folder(name, BERT, Path(folder), report["dims"], report["vocabulary"], report)
