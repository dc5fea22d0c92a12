"""The second pass: an encoder is made, and the documents become vectors."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from indexer.build.spool import WordSpool
from indexer.encoders import (
    Analyse,
    DocumentEncoder,
    Encoder,
    KeptModels,
    TermEncoder,
    kept_encoder,
    make_encoder,
)
from indexer.generation import EncoderEntry
from indexer.types import EncoderSettings, Progress
from indexer.vectors import new_index

BATCH = 1_000  # documents
KIND = "flat"


def new_encoder(
    settings: EncoderSettings, spool: WordSpool, analyse: Analyse, models: KeptModels, progress: Progress
) -> Encoder:
    """The encoder of the settings: trained on the words of the spool, or of kept word vectors.

    Raises: InputError, with the code `corpus_too_small` where there is too little to train on;
    MissingError where there is no such model."""
    if settings.model is not None:
        return kept_encoder(models, settings, spool.sentences(), analyse, progress)
    return make_encoder(settings.type, spool.sentences(), settings.options, analyse, progress)


def build_vectors(
    name: str,
    encoder: Encoder,
    fields: list[str],
    settings: EncoderSettings,
    spool: WordSpool,
    total: int,
    folder: Path,
    progress: Progress,
) -> EncoderEntry:
    """Writes one encoder and its vectors; row → ordinal, and no row for a document it knows nothing of."""
    assert isinstance(encoder, TermEncoder)
    documents = DocumentEncoder(encoder, fields, settings.fields)
    vectors = new_index(KIND, encoder.dims)
    done = 0
    for batch in _batches(spool.documents()):
        rows = documents.rows(batch)
        vectors.add(rows.vectors, rows.positions + np.int32(done))
        done += len(batch)
        progress(f"encode {name}", done, total)
    encoder.save(folder / "models" / name)
    vectors.save(folder, name)
    return EncoderEntry(
        type=settings.type,
        fingerprint=encoder.fingerprint,
        vectors=KIND,
        dims=encoder.dims,
        rows=vectors.n_rows,
    )


def _batches(documents: Iterator[list[list[str]]]) -> Iterator[list[list[list[str]]]]:
    batch: list[list[list[str]]] = []
    for fields in documents:
        batch.append(fields)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
