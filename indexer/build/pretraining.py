"""The pretraining of a BERT as a job of its own: the documents of an index in, a kept model folder out."""

from collections.abc import Iterator, Sequence

from indexer.database import Catalogue, IndexRecord
from indexer.encoders import KeptModel, KeptModels
from indexer.pretraining import BertOptions
from indexer.types import Progress

BERT = "bert"


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
    with models.being_trained(name) as (kept, folder):
        with catalogue.documents.snapshot(record.name) as snapshot:

            def read() -> Iterator[Sequence[str]]:
                for document in snapshot.documents():
                    yield [document.text(field) for field in fields]

            corpus = read_corpus(Texts(read, snapshot.count), options, progress)
        report = {"type": BERT, **pretrain(corpus, options, folder, kept, progress)}
        report["options"] = options.model_dump(exclude_unset=True)
        return models.keep_folder(name, BERT, folder, report["dims"], report["vocabulary"], report)
