"""One opened, immutable generation: postings, values, words and vectors that were built together."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from indexer.analysis import Analyzer
from indexer.completion import FOLDER as COMPLETION
from indexer.completion import Completer, Ngrams
from indexer.encoders import DocumentEncoder, Encoder, load_encoder
from indexer.errors import CorruptError, MismatchError
from indexer.generation.manifest import Manifest, read_manifest
from indexer.generation.next_words import next_word_models
from indexer.lexical import (
    ARRAYS,
    FILE_NAME,
    Arrays,
    LexicalIndex,
    Segment,
    SqliteLexical,
    arrays_in_memory,
    open_arrays,
    write_arrays,
)
from indexer.metadata import FOLDER, Metadata
from indexer.spelling import FOLDER as SPELLING
from indexer.spelling import Corrector, Forms
from indexer.storage.files import checksum
from indexer.vectors import VectorIndex, load_index

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Dense:
    """An encoder with the vectors that it made of the documents, and how it made them."""

    encoder: Encoder
    vectors: VectorIndex
    documents: DocumentEncoder


@dataclass(frozen=True, slots=True)
class Generation:
    """A whole index at one moment: readers hold one for a whole request.

    As it was opened, or with the changes since (`indexer.live`): then `manifest` says `through_seq` and the
    fields as they are now. `degraded`: it stands in for one that cannot be read, and has no encoder."""

    name: str
    manifest: Manifest
    lexical: LexicalIndex
    analyzer: Analyzer
    dense: Mapping[str, Dense]
    metadata: Metadata
    corrector: Corrector
    completer: Completer
    degraded: bool = False

    @classmethod
    def open(cls, folder: Path) -> "Generation":
        """The generation in a folder, after every file was checked against its sha256.

        Raises: CorruptError, FormatError, MismatchError, each naming the file or the part."""
        manifest = read_manifest(folder)
        for path, expected in manifest.files.items():
            if checksum(folder / path) != expected:
                raise CorruptError(
                    f"The file {folder / path} is damaged (sha256 differs): rebuild the index."
                )
        analyzer = Analyzer(manifest.settings.analysis)
        if manifest.analysis != analyzer.fingerprint():
            raise MismatchError(
                f"{folder.name} was analysed by other versions of the dictionaries or stemmer "
                f"than those installed: run `textprism reindex {manifest.index}`."
            )
        store = SqliteLexical(folder / FILE_NAME)
        _expect(store.n_docs, manifest.documents, f"documents in {folder / FILE_NAME}")
        metadata = Metadata.open(folder / FOLDER)
        _expect(metadata.n_docs, manifest.documents, f"documents in {folder / FOLDER}")
        arrays = _open_arrays(folder, store, manifest.files[FILE_NAME])
        dense = {name: _open_dense(folder, name, manifest, analyzer) for name in manifest.encoders}
        corrector = Corrector(Forms.open(folder / SPELLING), analyzer)
        ngrams = Ngrams.open(folder / COMPLETION)
        speaking = next_word_models({name: each.encoder for name, each in dense.items()}, ngrams)
        completer = Completer(ngrams, analyzer, list(speaking))
        lexical = LexicalIndex([Segment(store, arrays)])
        return cls(manifest.name, manifest, lexical, analyzer, dense, metadata, corrector, completer)

    @property
    def is_built(self) -> bool:
        """Whether it was opened from files, or is what an index begins with."""
        return bool(self.manifest.files)

    @property
    def is_unchanged(self) -> bool:
        """Whether all its documents are those that it was built of."""
        [first, *others] = self.lexical.segments
        return not others and first.store.n_docs == self.manifest.documents

    def close(self) -> None:
        """Lets go of the files."""
        for segment in self.lexical.segments:
            segment.store.close()


def _open_arrays(folder: Path, store: SqliteLexical, source: str) -> Arrays:
    """The serving form of the postings, made anew where it is missing or damaged: in the folder, or in
    memory where nothing can be written there."""
    try:
        return open_arrays(store, folder / ARRAYS, source)
    except CorruptError as error:
        logger.warning("laying out postings anew: %s", error.message)
    try:
        write_arrays(store, folder / ARRAYS, source)
        return open_arrays(store, folder / ARRAYS, source)
    except (OSError, CorruptError) as error:
        logger.warning("laying out postings in memory: %s", error)
        return arrays_in_memory(store)


def lay_out(folder: Path, source: str) -> None:
    """Writes the serving form of the postings of a generation; `source`: the sha256 of `lexical.sqlite`."""
    store = SqliteLexical(folder / FILE_NAME)
    try:
        write_arrays(store, folder / ARRAYS, source)
    finally:
        store.close()


def _open_dense(folder: Path, name: str, manifest: Manifest, analyzer: Analyzer) -> Dense:
    entry = manifest.encoders[name]
    encoder = load_encoder(entry.type, folder / "models" / name, analyzer.analyse)
    if encoder.fingerprint != entry.fingerprint:
        raise MismatchError(
            f"The encoder `{name}` in {folder} is not the one of its vectors: rebuild the index."
        )
    vectors = load_index(entry.vectors, folder, name, entry.dims)
    _expect(vectors.n_rows, entry.rows, f"rows in the vectors of `{name}` in {folder}")
    weights = manifest.settings.encoders[name].fields
    return Dense(encoder, vectors, DocumentEncoder(encoder, manifest.settings.text_fields, weights))


def _expect(found: int, wanted: int, what: str) -> None:
    if found != wanted:
        raise MismatchError(f"Wanted {wanted} {what}, found {found}: rebuild the index.")
