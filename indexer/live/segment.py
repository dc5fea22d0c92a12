"""Documents that changed since the generation was built, analysed and encoded as it was: a small index of
the same kinds of files, which nobody needs after a crash."""

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.build.lexical import build_lexical
from indexer.build.metadata import MetadataPass
from indexer.build.spool import TextSpool, WordSpool
from indexer.build.vectors import encoded_texts, encoded_words, save_vectors
from indexer.encoders import DocumentEncoder, EmbeddingCache, Rows, TextEncoder
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

_TEXTS = "texts.spool"

IN_MEMORY = 4 << 20
"""Bytes of an inverted index up to which the serving form is made in memory; beyond, it is written and
mapped."""


@dataclass(frozen=True, slots=True, eq=False)
class LiveSegment:
    """The documents whose last change is in (after, through], as they were when it was built with these
    settings. vectors: by encoder, without those that have not read the texts yet; these are `unread`."""

    folder: Path
    after: int
    through: int
    settings: IndexSettings
    doc_ids: list[str]
    lexical: Segment
    metadata: Metadata
    vectors: Mapping[str, VectorStore]
    forms: frozenset[str]
    unread: Sequence[str] = ()


def build_segment(
    documents: Iterable[Document],
    count: int,
    span: tuple[int, int],
    settings: IndexSettings,
    encoders: Mapping[str, DocumentEncoder],
    folder: Path,
) -> LiveSegment:
    """The segment of some documents, in ascending order of their key, in a folder that is made for it, and is
    gone where it cannot be built. Encoders that read texts, which takes long, have not read them yet."""
    folder.mkdir()
    try:
        with disposable():
            _write(documents, count, settings, encoders, folder)
            store = SqliteLexical(folder / FILE_NAME)
            arrays = _arrays(store, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    dims = {name: each.encoder.dims for name, each in encoders.items() if not _reads_texts(each)}
    return LiveSegment(
        folder,
        *span,
        settings,
        store.doc_ids(range(store.n_docs)),
        Segment(store, arrays),
        Metadata.open(folder / FOLDER),
        {name: load_index(KIND, folder, name, each) for name, each in dims.items()},
        frozenset(Forms.open(folder / SPELLING).forms),
        [name for name, each in encoders.items() if _reads_texts(each)],
    )


def read_texts(
    segment: LiveSegment,
    encoders: Mapping[str, DocumentEncoder],
    cache: EmbeddingCache,
    unwanted: Callable[[], bool],
) -> Mapping[str, list[Rows]] | None:
    """What the encoders that have not read a segment make of it; None when it is `unwanted` meanwhile."""
    found: dict[str, list[Rows]] = {name: [] for name in segment.unread}
    with cache:
        for name, rows in found.items():
            texts = TextSpool(segment.folder / _TEXTS, segment.settings.text_fields, wanted=True)
            for _, batch in encoded_texts(encoders[name], texts, cache):
                if unwanted():
                    return None
                rows.append(batch)
    return found


def with_vectors(
    segment: LiveSegment, encoders: Mapping[str, DocumentEncoder], found: Mapping[str, list[Rows]]
) -> LiveSegment:
    """The segment with what `read_texts` found, in its folder."""
    vectors = dict(segment.vectors)
    with disposable():
        for name, rows in found.items():
            save_vectors(name, KIND, encoders[name].encoder.dims, rows, segment.folder)
            vectors[name] = load_index(KIND, segment.folder, name, encoders[name].encoder.dims)
    return replace(segment, vectors=vectors, unread=())


def _reads_texts(encoder: DocumentEncoder) -> bool:
    return isinstance(encoder.encoder, TextEncoder)


def _write(
    documents: Iterable[Document],
    count: int,
    settings: IndexSettings,
    encoders: Mapping[str, DocumentEncoder],
    folder: Path,
) -> None:
    metadata = MetadataPass(settings.fields)
    fields = settings.text_fields
    read = any(map(_reads_texts, encoders.values()))
    texts = TextSpool(folder / _TEXTS, fields, wanted=read)
    with WordSpool(folder / "words.spool", len(fields)) as spool:
        passed = texts.through(metadata.through(documents))
        build_lexical(passed, count, settings, folder, spool, no_progress, completion=False)
        metadata.finish(folder)
        for name, encoder in encoders.items():
            if not _reads_texts(encoder):
                rows = [batch for _, batch in encoded_words(encoder, spool)]
                save_vectors(name, KIND, encoder.encoder.dims, rows, folder)


def _arrays(store: SqliteLexical, folder: Path) -> Arrays:
    if (folder / FILE_NAME).stat().st_size <= IN_MEMORY:
        return arrays_in_memory(store)
    lay_out(folder, "")
    return open_arrays(store, folder / ARRAYS, "")
