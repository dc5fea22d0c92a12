"""The second pass: an encoder is made, and the documents become vectors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.build.spool import WordSpool
from indexer.encoders import (
    Analyse,
    DocumentEncoder,
    Encoder,
    KeptModels,
    Rows,
    kept_encoder,
    make_encoder,
)
from indexer.generation import EncoderEntry
from indexer.types import EncoderSettings, Progress
from indexer.vectors import advice, new_index, parse_kind

BATCH = 1_000  # documents


def new_encoder(
    settings: EncoderSettings, spool: WordSpool, analyse: Analyse, models: KeptModels, progress: Progress
) -> Encoder:
    """The encoder of the settings: trained on the words of the spool, or of kept word vectors.

    Raises: InputError, with the code `corpus_too_small` where there is too little to train on;
    MissingError where there is no such model."""
    if settings.model is not None:
        return kept_encoder(models, settings, spool.sentences(), analyse, progress)
    return make_encoder(settings.type, spool.sentences(), settings.options, analyse, progress)


@dataclass(frozen=True, slots=True)
class VectorsReport:
    """The vector index of an encoder, with about the bytes that it takes; and which kind is advised for so
    many vectors, and why."""

    kind: str
    vectors: int
    memory: int
    advised: str
    reason: str


@dataclass(frozen=True, slots=True)
class BuiltVectors:
    """What the manifest says of an encoder, and what its owner should know."""

    entry: EncoderEntry
    warnings: Sequence[str]


def build_vectors(
    name: str,
    encoder: Encoder,
    fields: list[str],
    settings: EncoderSettings,
    spool: WordSpool,
    total: int,
    folder: Path,
    progress: Progress,
) -> BuiltVectors:
    """Writes one encoder and its vectors; row → ordinal, and no row for a document it knows nothing of.

    Raises: InputError where the kind of index does not fit the vectors."""
    found = document_rows(name, DocumentEncoder(encoder, fields, settings.fields), spool, total, progress)
    n_rows = sum(len(rows.positions) for rows in found)
    kind, warnings = _kind(name, settings.vectors or advice(n_rows).kind, n_rows, encoder.dims)
    progress(f"index {name}", 0, 1)
    encoder.save(folder / "models" / name)
    save_vectors(name, kind, encoder.dims, found, folder)
    progress(f"index {name}", 1, 1)
    entry = EncoderEntry(
        type=settings.type,
        fingerprint=encoder.fingerprint,
        vectors=kind,
        dims=encoder.dims,
        rows=n_rows,
    )
    return BuiltVectors(entry, warnings)


def document_rows(
    name: str, documents: DocumentEncoder, spool: WordSpool, total: int, progress: Progress
) -> list[Rows]:
    """The vectors of the documents of the spool, in batches; `positions` are their ordinals."""
    found: list[Rows] = []
    done = 0
    for batch in _batches(spool.documents()):
        rows = documents.rows(batch)
        found.append(Rows(rows.vectors, rows.positions + np.int32(done)))
        done += len(batch)
        progress(f"encode {name}", done, total)
    return found


def save_vectors(name: str, kind: str, dims: int, found: Sequence[Rows], folder: Path) -> None:
    """Writes the index of some vectors. Raises: InputError where its kind does not fit them."""
    vectors = new_index(kind, dims)
    for rows in found:
        vectors.add(rows.vectors, rows.positions)
    vectors.save(folder, name)


def vectors_report(entry: EncoderEntry) -> VectorsReport:
    """What is told of the vector index of an encoder."""
    memory = parse_kind(entry.vectors, entry.dims).memory(entry.rows, entry.dims)
    advised = advice(entry.rows)
    return VectorsReport(entry.vectors, entry.rows, memory, advised.kind, advised.reason)


def _kind(name: str, wanted: str, n_rows: int, dims: int) -> tuple[str, Sequence[str]]:
    """The kind of index that is built, and what to say where it is not the one that was wanted."""
    least = parse_kind(wanted, dims).least_rows
    if n_rows >= least:
        return wanted, ()
    reason = f"`{wanted}` learns from at least {least:,} vectors, `{name}` has {n_rows:,}: it got `flat`."
    return "flat", [reason]


def _batches(documents: Iterator[list[list[str]]]) -> Iterator[list[list[list[str]]]]:
    batch: list[list[list[str]]] = []
    for fields in documents:
        batch.append(fields)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
