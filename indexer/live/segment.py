"""Documents that changed since the generation was built, analysed and encoded as it was: a small index of
the same kinds of files, which nobody needs after a crash."""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from indexer.build.lexical import build_lexical
from indexer.build.metadata import MetadataPass
from indexer.build.spool import TextSpool, WordSpool
from indexer.build.vectors import Corpus, document_rows, save_vectors
from indexer.encoders import DocumentEncoder, EmbeddingCache, TextEncoder
from indexer.generation import lay_out
from indexer.lexical import ARRAYS, FILE_NAME, Arrays, Segment, SqliteLexical, arrays_in_memory, open_arrays
from indexer.metadata import FOLDER, Metadata
from indexer.spelling import FOLDER as SPELLING
from indexer.spelling import Forms
from indexer.storage.files import disposable
from indexer.types import Document, IndexSettings, no_progress
from indexer.vectors import VectorStore, load_index

KIND = "flat"
"""Of the vectors: whatever the generation has, these are few."""

IN_MEMORY = 4 << 20
"""Bytes of an inverted index up to which the serving form is made in memory; beyond, it is written and
mapped."""


@dataclass(frozen=True, slots=True, eq=False)
class LiveSegment:
    """The documents whose last change is in (after, through], as they were when it was built."""

    folder: Path
    after: int
    through: int
    doc_ids: list[str]
    lexical: Segment
    metadata: Metadata
    vectors: Mapping[str, VectorStore]
    forms: frozenset[str]


def build_segment(
    documents: Iterable[Document],
    count: int,
    span: tuple[int, int],
    settings: IndexSettings,
    encoders: Mapping[str, DocumentEncoder],
    cache: EmbeddingCache,
    folder: Path,
) -> LiveSegment:
    """The segment of some documents, in ascending order of their key, in a folder that is made for it, and is
    gone where it cannot be built."""
    folder.mkdir()
    try:
        with disposable():
            _write(documents, count, settings, encoders, cache, folder)
            store = SqliteLexical(folder / FILE_NAME)
            arrays = _arrays(store, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    dims = {name: each.encoder.dims for name, each in encoders.items()}
    return LiveSegment(
        folder,
        *span,
        store.doc_ids(range(store.n_docs)),
        Segment(store, arrays),
        Metadata.open(folder / FOLDER),
        {name: load_index(KIND, folder, name, each) for name, each in dims.items()},
        frozenset(Forms.open(folder / SPELLING).forms),
    )


def _write(
    documents: Iterable[Document],
    count: int,
    settings: IndexSettings,
    encoders: Mapping[str, DocumentEncoder],
    cache: EmbeddingCache,
    folder: Path,
) -> None:
    metadata = MetadataPass(settings.fields)
    fields = settings.text_fields
    read = any(isinstance(each.encoder, TextEncoder) for each in encoders.values())
    with (
        WordSpool(folder / "words.spool", len(fields)) as spool,
        TextSpool(folder / "texts.spool", fields, wanted=read) as texts,
        cache,
    ):
        passed = texts.through(metadata.through(documents))
        build_lexical(passed, count, settings, folder, spool, no_progress, completion=False)
        metadata.finish(folder)
        for name, encoder in encoders.items():
            rows = document_rows(name, encoder, Corpus(spool, texts, count, cache), no_progress)
            save_vectors(name, KIND, encoder.encoder.dims, rows, folder)


def _arrays(store: SqliteLexical, folder: Path) -> Arrays:
    if (folder / FILE_NAME).stat().st_size <= IN_MEMORY:
        return arrays_in_memory(store)
    lay_out(folder, "")
    return open_arrays(store, folder / ARRAYS, "")
