"""The second pass: an encoder is made, and the documents become vectors."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from indexer.analysis import analyse
from indexer.build.spool import WordSpool
from indexer.encoders import TermEncoder, make_encoder
from indexer.generation import EncoderEntry
from indexer.types import EncoderSettings, Progress
from indexer.vectors import new_index

BATCH = 1_000  # documents
KIND = "flat"


def build_vectors(
    name: str, settings: EncoderSettings, spool: WordSpool, total: int, folder: Path, progress: Progress
) -> EncoderEntry:
    """Writes one encoder and its vectors; row → ordinal, and no row for a document it knows nothing of.

    Raises: InputError, with the code `corpus_too_small` where there is too little to train on."""
    encoder = make_encoder(settings.type, spool.sentences(), settings.options, analyse, progress)
    assert isinstance(encoder, TermEncoder)
    vectors = new_index(KIND, encoder.dims)
    done = 0
    for batch in _batches(spool.documents()):
        rows = encoder.encode_terms(batch)
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


def _batches(documents: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    batch: list[list[str]] = []
    for words in documents:
        batch.append(words)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
