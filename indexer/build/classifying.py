"""The training of a classifier as a job: labelled documents in, a kept model out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from indexer.analysis import Analyzer
from indexer.build.representations import encoded, in_batches
from indexer.classification import (
    TFIDF,
    Classifier,
    ClassifierOptions,
    Features,
    Representation,
    Tfidf,
    describe,
    joined,
    require_scikit_learn,
    save_classifier,
)
from indexer.database import Catalogue, IndexRecord
from indexer.encoders import EmbeddingCache, KeptModel, KeptModels, checked_options
from indexer.errors import InputError, NotBuiltError, UnknownNameError
from indexer.generation import IndexFolder
from indexer.types import Document, Progress

CLASSIFIER = "classifier"
LABELS = ("keyword", "boolean", "number", "date")
"""Types of fields whose values can be labels."""
LEAST_DOCUMENTS = 20
LEAST_OF_A_LABEL = 5
MOST_DOCUMENTS = 100_000
"""That are learned from; of more every second, third … is taken."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Documents with their labels; `left_out`: how many have none, several, or one that is too rare."""

    documents: Sequence[Document]
    labels: Sequence[str]
    left_out: int


def classifier_options(record: IndexRecord, options: Mapping[str, Any]) -> ClassifierOptions:
    """What a training is told. Raises: InputError, UnknownNameError where it cannot be done so."""
    require_scikit_learn()
    try:
        checked = checked_options(CLASSIFIER, ClassifierOptions, options)
    except InputError as error:
        error.pointer = f"/options{error.pointer}"
        raise
    settings = record.settings
    known = [name for name, each in settings.fields.items() if each.type in LABELS]
    if checked.field not in known:
        raise UnknownNameError("field", checked.field, known, pointer="/options/field")
    if checked.on not in (None, TFIDF, *settings.encoders):
        raise UnknownNameError(
            "representation", checked.on or "", [TFIDF, *settings.encoders], pointer="/options/on"
        )
    return checked


def train_classifier(
    catalogue: Catalogue,
    data_dir: Path,
    record: IndexRecord,
    name: str,
    options: ClassifierOptions,
    progress: Progress,
) -> KeptModel:
    """The next version of that name: the best classifier among the representations that are named, each
    measured on the same documents, which none has learned from. It is told of all.

    Raises: InputError (`corpus_too_small`, `one_label`), NotBuiltError; what `progress` raises to stop."""
    from indexer.classification import learning

    labelled = read_labelled(catalogue, record, options.field)
    places = learning.split(labelled.labels, options.seed)
    found: list[tuple[Representation, Classifier, learning.Measured]] = []
    with EmbeddingCache(data_dir) as cache:
        every = list(_representations(data_dir, record, options, labelled, places[0], cache))
        for number, each in enumerate(every):
            progress("train classifier", number, len(every))
            features = _features(each, labelled.documents, progress)
            found.append((each, *learning.measure(each.name, features, labelled.labels, places, options)))
    progress("train classifier", len(every), len(every))
    best, classifier, measured = max(found, key=lambda each: (each[2].macro_f1, each[2].accuracy))
    report = {
        "type": CLASSIFIER,
        "field": options.field,
        "on": best.name,
        "documents": len(labelled.documents),
        "left_out": labelled.left_out,
        "held_out": len(places[1]),
        "labels": dict(Counter(labelled.labels).most_common()),
        "table": [asdict(each) for _, _, each in found],
        "parameters": options.model_dump(),
        "read": len(places[0]),
        "best": asdict(measured),
    }
    return _kept(KeptModels(data_dir), record, name, best, classifier, options.field, report)


def read_labelled(catalogue: Catalogue, record: IndexRecord, field: str) -> Labelled:
    """The documents of an index that have one label, none of which fewer than `LEAST_OF_A_LABEL` have.

    Raises: InputError (`corpus_too_small`, `one_label`)."""
    with catalogue.documents.snapshot(record.name) as snapshot:
        step = -(-snapshot.count // MOST_DOCUMENTS) or 1
        every = [
            (document, label_of(document.fields.get(field)))
            for number, document in enumerate(snapshot.documents())
            if number % step == 0
        ]
    counts = Counter(label for _, label in every if label is not None)
    usual = {label for label, count in counts.items() if count >= LEAST_OF_A_LABEL}
    kept = [(document, label) for document, label in every if label in usual and label is not None]
    if sum(counts.values()) < LEAST_DOCUMENTS:
        raise InputError(
            f"`{field}` labels {sum(counts.values()):,} documents, at least {LEAST_DOCUMENTS} are wanted: "
            "label more.",
            code="corpus_too_small",
        )
    if len(usual) < 2:
        raise InputError(
            f"Of the {len(counts):,} label(s) of `{field}` {len(usual)} have {LEAST_OF_A_LABEL} documents or "
            "more: at least two such labels are wanted.",
            pointer="/options/field",
            code="one_label",
        )
    documents, labels = zip(*kept, strict=True)
    return Labelled(documents, labels, len(every) - len(kept))


def label_of(value: object) -> str | None:
    """The value of a field as a label; None where it has none, or several."""
    if isinstance(value, list):
        return label_of(value[0]) if len(value) == 1 else None
    if isinstance(value, str):
        return value or None
    return orjson.dumps(value).decode() if isinstance(value, bool | int | float) else None


def _representations(
    data_dir: Path,
    record: IndexRecord,
    options: ClassifierOptions,
    labelled: Labelled,
    learned: Sequence[int],
    cache: EmbeddingCache,
) -> Iterator[Representation]:
    """Those that are named; an encoder is that of the published generation. Raises: NotBuiltError."""
    fields = record.settings.text_fields
    if options.on in (None, TFIDF):
        documents = (labelled.documents[place] for place in learned)
        yield Tfidf.learn(documents, fields, Analyzer(record.settings.analysis).analyse)
    if options.on == TFIDF:
        return
    try:
        generation, _ = IndexFolder(data_dir, record.name).open()
    except NotBuiltError:
        if options.on is None:
            return
        raise
    found = encoded(generation, cache)
    if options.on is None:
        yield from found.values()
    elif options.on in found:
        yield found[options.on]
    else:
        raise UnknownNameError("representation", options.on, [TFIDF, *found], pointer="/options/on")


def _features(representation: Representation, documents: Sequence[Document], progress: Progress) -> Features:
    """The features of documents. Shapes: (n, n_features)."""
    rows: list[Features] = []
    done = 0
    for batch in in_batches(documents):
        rows.append(representation.features(batch))
        done += len(batch)
        progress(f"read {representation.name}", done, len(documents))
    return joined(rows)


def _kept(
    models: KeptModels,
    record: IndexRecord,
    name: str,
    representation: Representation,
    classifier: Classifier,
    field: str,
    report: Mapping[str, Any],
) -> KeptModel:
    said = describe(
        representation.name, representation.fingerprint, field, record.settings.text_fields, classifier
    )
    tfidf = representation if isinstance(representation, Tfidf) else None
    with TemporaryDirectory(prefix="textprism-") as folder:
        save_classifier(Path(folder), said, classifier, tfidf)
        return models.keep_folder(
            name, CLASSIFIER, Path(folder), representation.n_features, 0, report, "nothing"
        )
