"""The second pass: an encoder is made, and the documents become vectors."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np

from indexer.build.encoding import EncodingProcesses, processes_for
from indexer.build.spool import TextSpool, WordSpool
from indexer.encoders import (
    Analyse,
    DocumentEncoder,
    EmbeddingCache,
    Encoder,
    EncodeRows,
    KeptModels,
    Rows,
    TextEncoder,
    kept_encoder,
    make_encoder,
)
from indexer.generation import EncoderEntry
from indexer.types import EncoderSettings, Progress
from indexer.vectors import advice, new_index, parse_kind

BATCH = 1_000  # documents
TEXT_BATCH = 64  # the same where texts are read, which takes far longer

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Corpus:
    """What encoders read of so many documents; `cache`: what was encoded before."""

    words: WordSpool
    texts: TextSpool
    documents: int
    cache: EmbeddingCache


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
    corpus: Corpus,
    folder: Path,
    progress: Progress,
) -> BuiltVectors:
    """Writes one encoder and its vectors; row → ordinal, and no row for a document it knows nothing of.

    Raises: InputError where the kind of index does not fit the vectors."""
    encoder.save(folder / "models" / name)
    documents = DocumentEncoder(encoder, fields, settings.fields)
    n_processes = processes_for(corpus.documents) if isinstance(encoder, TextEncoder) else 1
    if n_processes > 1:
        saved = folder / "models" / name
        with EncodingProcesses(settings.type, saved, n_processes) as encode:
            found = document_rows(name, documents, corpus, progress, encode)
    else:
        found = document_rows(name, documents, corpus, progress)
    n_rows = sum(len(rows.positions) for rows in found)
    kind, warnings = _kind(name, settings.vectors or advice(n_rows).kind, n_rows, encoder.dims)
    progress(f"index {name}", 0, 1)
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
    name: str,
    documents: DocumentEncoder,
    corpus: Corpus,
    progress: Progress,
    encode: EncodeRows | None = None,
) -> list[Rows]:
    """The vectors of the documents of a corpus, in batches; `positions` are their ordinals.

    encode: what encodes texts where it is not the encoder itself."""
    found: list[Rows] = []
    for done, rows in _encoded(documents, corpus, encode):
        found.append(rows)
        progress(f"encode {name}", done, corpus.documents)
    return found


def _encoded(
    documents: DocumentEncoder, corpus: Corpus, encode: EncodeRows | None
) -> Iterator[tuple[int, Rows]]:
    if isinstance(documents.encoder, TextEncoder):
        return encoded_texts(documents, corpus.texts, corpus.cache, encode)
    return encoded_words(documents, corpus.words)


def encoded_words(documents: DocumentEncoder, words: WordSpool) -> Iterator[tuple[int, Rows]]:
    """Batches by an encoder of words: how many documents are done, and vectors whose `positions` are
    ordinals."""
    batches = _batches(words.documents(), BATCH)
    return _numbered((len(batch), documents.rows(batch)) for batch in batches)


def encoded_texts(
    documents: DocumentEncoder, texts: TextSpool, cache: EmbeddingCache, encode: EncodeRows | None = None
) -> Iterator[tuple[int, Rows]]:
    """The same by an encoder that reads texts. encode: as for `document_rows`."""
    cached = documents.text_encoding(cache, encode)
    batches = _batches(texts.documents(), TEXT_BATCH)
    return _numbered((len(batch), documents.text_rows(batch, cached)) for batch in batches)


def _numbered(batches: Iterable[tuple[int, Rows]]) -> Iterator[tuple[int, Rows]]:
    """Of batches of so many documents: how many are done, and the rows with positions among all."""
    done = 0
    for n_documents, rows in batches:
        yield done + n_documents, Rows(rows.vectors, rows.positions + np.int32(done))
        done += n_documents


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


def _batches(documents: Iterable[Item], size: int) -> Iterator[list[Item]]:
    every = iter(documents)
    while batch := list(islice(every, size)):
        yield batch
