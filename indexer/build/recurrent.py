"""The training of an RNN as a job of its own: the documents of an index in, a kept model folder out."""

from collections.abc import Iterator

from indexer.analysis import Analyzer
from indexer.database import Catalogue, IndexRecord
from indexer.encoders import KeptModel, KeptModels, Spelled
from indexer.errors import UnknownNameError
from indexer.pretraining import RnnTrainingOptions
from indexer.types import Progress

RNN = "rnn"
TYPES = {
    "classification": ("keyword", "boolean", "number"),
    "regression": ("number",),
    "labelling": ("object",),
}
"""Which types of fields an objective learns."""


def train_rnn(
    catalogue: Catalogue,
    record: IndexRecord,
    models: KeptModels,
    name: str,
    options: RnnTrainingOptions,
    progress: Progress,
) -> KeptModel:
    """The next version of that name, trained on the documents of an index.

    Raises: InputError; LockedError where it is being trained; what `progress` raises to stop: then the same
    training goes on from its last checkpoint when it is asked for again."""
    from indexer.pretraining.rnn import training
    from indexer.pretraining.rnn.examples import Source, Told

    fields = record.settings.text_fields
    with models.being_trained(name) as (kept, folder):
        with catalogue.documents.snapshot(record.name) as snapshot:

            def read() -> Iterator[Told]:
                for document in snapshot.documents():
                    value = None if options.field is None else document.fields.get(options.field)
                    yield Told([document.text(field) for field in fields], value)

            source = Source(read, snapshot.count, fields)
            analyzer = Analyzer(record.settings.analysis)
            corpus = training.read_corpus(source, analyzer, options, progress)
        report = {"type": RNN, **training.train_rnn(corpus, options, folder, kept, progress)}
        report["options"] = options.model_dump(exclude_unset=True)
        spelled: Spelled = "terms" if report["parameters"]["input"] == "words" else "pieces"
        return models.keep_folder(name, RNN, folder, report["dims"], report["vocabulary"], report, spelled)


def check_field(record: IndexRecord, options: RnnTrainingOptions) -> None:
    """Raises UnknownNameError where the index has no field of the type that the objective learns."""
    if options.field is None:
        return
    known = [name for name, each in record.settings.fields.items() if each.type in TYPES[options.objective]]
    if options.field not in known:
        raise UnknownNameError("field", options.field, known, pointer="/options/field")
