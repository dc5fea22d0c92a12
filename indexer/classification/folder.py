"""A classifier on disk.

classifier.json           its labels, the field they are of, and what it reads
weights-0.npy, bias-0.npy  float32, of each layer
terms.txt, idf.npy        on TF-IDF, the terms and their idf"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from indexer.classification.classifier import Classifier, Layer
from indexer.classification.tfidf import Analyse, Tfidf
from indexer.errors import CorruptError
from indexer.storage.arrays import load_array, save_array
from indexer.storage.files import write_file
from indexer.storage.terms import load_terms, save_terms

DESCRIPTION, TERMS, IDF = "classifier.json", "terms.txt", "idf.npy"


class Description(BaseModel):
    """What `classifier.json` says. `fingerprint`: of the representation."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: Literal[1] = 1
    on: str
    fingerprint: str
    field: str
    fields: list[str]
    labels: list[str]
    layers: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A classifier that was kept. tfidf: what it reads, where that is TF-IDF."""

    description: Description
    classifier: Classifier
    tfidf: Tfidf | None


def save_classifier(
    folder: Path, description: Description, classifier: Classifier, tfidf: Tfidf | None
) -> None:
    """Writes a classifier into a folder that is there."""
    write_file(folder / DESCRIPTION, [orjson.dumps(description.model_dump())])
    for number, layer in enumerate(classifier.layers):
        save_array(folder / f"weights-{number}.npy", layer.weights)
        save_array(folder / f"bias-{number}.npy", layer.bias)
    if tfidf is not None:
        save_terms(folder / TERMS, tfidf.terms)
        save_array(folder / IDF, tfidf.idf)


def load_classifier(folder: Path, analyse: Analyse) -> Kept:
    """The classifier in a folder, its weights memory-mapped. Raises: CorruptError, MismatchError."""
    path = folder / DESCRIPTION
    try:
        said = Description.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise CorruptError(f"{path} cannot be read ({error!r:.200}): train the classifier again.") from None
    layers = [_load_layer(folder, number) for number in range(said.layers)]
    tfidf = None
    if (folder / TERMS).is_file():
        tfidf = Tfidf(load_terms(folder / TERMS), load_array(folder / IDF), said.fields, analyse)
    return Kept(said, Classifier(said.labels, layers), tfidf)


def describe(
    on: str, fingerprint: str, field: str, fields: Sequence[str], classifier: Classifier
) -> Description:
    """What is kept of a classifier besides its weights."""
    return Description(
        on=on,
        fingerprint=fingerprint,
        field=field,
        fields=list(fields),
        labels=list(classifier.labels),
        layers=len(classifier.layers),
    )


def _load_layer(folder: Path, number: int) -> Layer:
    return Layer(load_array(folder / f"weights-{number}.npy"), load_array(folder / f"bias-{number}.npy"))
