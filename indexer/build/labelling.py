"""Labels that a kept classifier guesses: of any document, and written into a field of all of them."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from scipy.sparse import issparse

from indexer.build.classifying import CLASSIFIER
from indexer.build.representations import encoded
from indexer.classification import Features, Guess, Kept, Representation, Tfidf, known, load_classifier
from indexer.database import Catalogue
from indexer.documents import label_documents
from indexer.encoders import EmbeddingCache, KeptModels
from indexer.errors import ConflictError, FeatureMissingError, InputError, NotBuiltError
from indexer.generation import Generation, IndexFolder
from indexer.types import Document, FieldSettings, Progress, no_progress

BATCH = 500
"""Documents that are written in one transaction."""
MOST_TERMS = 10
"""Terms that are told as the reasons of a label."""


class Reason(NamedTuple):
    """A term of a document, and what it adds to the logit of its label above the mean of all labels."""

    term: str
    share: float


class Labels(NamedTuple):
    """The most probable labels of a document, none where nothing of it is known; the terms that say so, where
    a linear classifier reads TF-IDF."""

    labels: Sequence[Guess]
    because: Sequence[Reason]


class Labeller:
    """A kept classifier with what it reads."""

    def __init__(self, model: str, kept: Kept, reads: Representation) -> None:
        self.model = model
        self.field = kept.description.field
        self._classifier = kept.classifier
        self._reads = reads

    @property
    def on(self) -> str:
        """The name of what it reads."""
        return self._reads.name

    def labels(self, documents: Sequence[Document], limit: int) -> list[Labels]:
        """The labels of each document, at most so many."""
        features = self._reads.features(documents)
        there = known(features)
        found = self._classifier.guesses(features, limit)
        return [
            Labels(guesses, self._because(features, row, guesses[0].label)) if there[row] else Labels((), ())
            for row, guesses in enumerate(found)
        ]

    def _because(self, features: Features, row: int, label: str) -> list[Reason]:
        if not isinstance(self._reads, Tfidf) or not issparse(features):
            return []
        line = features[[row]].tocoo()
        values = dict(zip(line.coords[1].tolist(), line.data.tolist(), strict=True))
        shares = self._classifier.shares(values, label)
        best = sorted(shares, key=lambda place: (-shares[place], place))[:MOST_TERMS]
        return [Reason(self._reads.terms[place], shares[place]) for place in best if shares[place] > 0]


def open_labeller(
    models: KeptModels, reference: str, generation: Generation, cache: EmbeddingCache
) -> Labeller:
    """A kept classifier, reading by a generation.

    Raises: MissingError; InputError where it is no classifier; FeatureMissingError where the index lacks the
    encoder that it reads, ConflictError where that has become another; CorruptError, MismatchError."""
    model = models.get(reference)
    if model.type != CLASSIFIER:
        raise InputError(
            f"The model `{model}` is of the type `{model.type}`; a classifier was wanted.",
            pointer="/model",
            code="model_of_another_type",
        )
    kept = load_classifier(models.folder(model), generation.analyzer.analyse)
    return Labeller(str(model), kept, kept.tfidf or _encoder(generation, kept, str(model), cache))


def _encoder(generation: Generation, kept: Kept, model: str, cache: EmbeddingCache) -> Representation:
    every: Mapping[str, Representation] = encoded(generation, cache)
    on = kept.description.on
    if on not in every:
        raise FeatureMissingError(
            f"`{model}` reads the encoder `{on}`, which the index was built without: reindex it with `{on}`, "
            "or train the classifier on what it has."
        )
    if every[on].fingerprint != kept.description.fingerprint:
        raise ConflictError(
            f"`{model}` learned from another `{on}` than the index has now: train the classifier again.",
            code="encoder_changed",
        )
    return every[on]


@dataclass(frozen=True, slots=True)
class LabellingReport:
    """What became of the documents of an index: `labelled` have a new label, `unchanged` had it already,
    `unknown` have no label since nothing of them is known, `changed` were written by others meanwhile."""

    model: str
    field: str
    documents: int
    labelled: int
    unchanged: int
    unknown: int
    changed: int


def label_index(
    catalogue: Catalogue,
    data_dir: Path,
    index: str,
    model: str,
    field: str,
    progress: Progress = no_progress,
) -> LabellingReport:
    """Writes the label that a classifier guesses into a field of every document, batch by batch; what is done
    stays done when it is canceled, and is not done twice.

    The field becomes a keyword where the index does not have it.
    Raises: as `open_labeller`; NotBuiltError; InputError where the field is no keyword, or is what the
    classifier learned from; what `progress` raises to stop."""
    check_target(catalogue, index, field)
    counts = {"labelled": 0, "unchanged": 0, "unknown": 0, "changed": 0}
    done = 0
    with (
        closing(_generation(data_dir, index)) as generation,
        EmbeddingCache(data_dir) as cache,
        catalogue.documents.snapshot(index) as snapshot,
    ):
        labeller = open_labeller(KeptModels(data_dir), model, generation, cache)
        if field == labeller.field:
            raise InputError(
                f"`{labeller.model}` has learned from `{field}`: name another field for its guesses.",
                pointer="/field",
                code="field_of_labels",
            )
        _add_field(catalogue, index, field)
        total, every = snapshot.count, snapshot.documents()
        while batch := list(islice(every, BATCH)):
            found = zip(batch, labeller.labels(batch, 1), strict=True)
            values = {document.doc_id: each.labels[0].label for document, each in found if each.labels}
            told = label_documents(catalogue, index, batch, field, values)
            counts["unknown"] += len(batch) - len(values)
            for name, count in told.items():
                counts[name] += count
            done += len(batch)
            progress(f"label {field}", done, total)
    return LabellingReport(labeller.model, field, done, **counts)


def check_target(catalogue: Catalogue, index: str, field: str) -> None:
    """Raises: InputError where a field cannot hold labels; MissingError where there is no such index."""
    settings = catalogue.indexes.get(index).settings
    known = settings.fields.get(field)
    if field in ("", "id", "_id") or (known is not None and known.type != "keyword"):
        what = "the key" if known is None else f"of the type `{known.type}`"
        raise InputError(
            f"`{field[:100]}` is {what}: name a keyword field for labels, or a new one.",
            pointer="/field",
            code="wrong_field_type",
        )


def _add_field(catalogue: Catalogue, index: str, field: str) -> None:
    settings = catalogue.indexes.get(index).settings
    if field not in settings.fields:
        fields = {**settings.fields, field: FieldSettings(type="keyword")}
        catalogue.indexes.save_settings(index, settings.model_copy(update={"fields": fields}))


def _generation(data_dir: Path, index: str) -> Generation:
    try:
        return IndexFolder(data_dir, index).open()[0]
    except NotBuiltError as error:
        raise NotBuiltError(f"{error.message} Then its documents can be labelled.") from None
