"""One opened, immutable generation of an index, and the folder in which generations live.

indexes/<index>/
  CURRENT              the name of the published generation, swapped by rename
  gen-000043/          manifest.json (written last), lexical.sqlite, metadata/, spelling/,
                       <encoder>.faiss, models/<encoder>/
  gen-000044.building/ what a build has not finished yet
"""

import logging
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from indexer.analysis import Analyzer
from indexer.encoders import DocumentEncoder, Encoder, load_encoder
from indexer.errors import (
    ConflictError,
    CorruptError,
    FormatError,
    IndexUnavailableError,
    LockedError,
    MismatchError,
    MissingError,
    NotBuiltError,
)
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
from indexer.storage.files import checksum, make_folder, replace_file, sync_folder, write_file
from indexer.storage.locks import file_lock
from indexer.types import IndexSettings
from indexer.vectors import VectorIndex, load_index

FORMAT = 4
logger = logging.getLogger(__name__)

KEPT_GENERATIONS = 3
REMOVED = ".removed-"
"""Begins the name of the folder of an index that is being removed; no index has such a name."""

MANIFEST = "manifest.json"
QUARANTINE = "quarantine"
_NAME = re.compile(r"gen-\d{6}")
_NUMBER = re.compile(r"gen-(\d{6})")


class EncoderEntry(BaseModel):
    """What the manifest says of one encoder."""

    model_config = ConfigDict(frozen=True)
    type: str
    fingerprint: str
    vectors: str  # kind of vector index
    dims: int
    rows: int


class Manifest(BaseModel):
    """What a generation is made of; written last, so that a folder with a manifest is whole."""

    model_config = ConfigDict(frozen=True)
    format: int
    index: str
    name: str
    documents: int
    through_seq: int
    corpus_hash: str
    created_at: str
    settings: IndexSettings
    analysis: str
    encoders: dict[str, EncoderEntry]
    warnings: list[str]
    files: dict[str, str]  # path in the folder → sha256


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
        lexical = LexicalIndex([Segment(store, arrays)])
        return cls(manifest.name, manifest, lexical, analyzer, dense, metadata, corrector)

    @property
    def is_built(self) -> bool:
        """Whether it was opened from files, or is what an index begins with."""
        return bool(self.manifest.files)

    def close(self) -> None:
        """Lets go of the files."""
        for segment in self.lexical.segments:
            segment.store.close()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a generation. Raises: CorruptError, FormatError."""
    path = folder / MANIFEST
    try:
        content = path.read_bytes()
        expected = path.with_suffix(".sha256").read_bytes()
    except OSError as error:
        raise CorruptError(f"The file {error.filename} cannot be read: rebuild the index.") from None
    if _digest_line(content) != expected:
        raise CorruptError(f"The file {path} is damaged (sha256 differs): rebuild the index.")
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        raise CorruptError(
            f"The file {path} is damaged ({error.error_count()} faults): rebuild it."
        ) from None
    if manifest.format != FORMAT:
        raise FormatError(
            f"{folder} has index format {manifest.format}, this program reads {FORMAT}: "
            f"run `textprism reindex {manifest.index}`."
        )
    return manifest


def damaged_files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file of a generation after it was read, with what is wrong with it, empty where nothing is.

    Raises: CorruptError, FormatError where the manifest cannot be read."""
    for name, expected in read_manifest(folder).files.items():
        path = folder / name
        try:
            found = checksum(path)
        except CorruptError as error:
            yield path, error.message
        else:
            yield path, "" if found == expected else f"The file {path} is damaged (sha256 differs)."


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Ends a generation: its manifest, then the checksum of that."""
    content = manifest.model_dump_json(indent=1).encode()
    write_file(folder / MANIFEST, [content])
    write_file((folder / MANIFEST).with_suffix(".sha256"), [_digest_line(content)])
    sync_folder(folder)


def _digest_line(content: bytes) -> bytes:
    """As `sha256sum` writes it, so that a person can check it."""
    return f"{sha256(content).hexdigest()}  {MANIFEST}\n".encode()


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


class IndexFolder:
    """The folder of one index: which generations there are, and which one is published."""

    def __init__(self, data_dir: Path, index: str) -> None:
        self.index = index
        self.path = data_dir / "indexes" / index

    def current(self) -> str:
        """The name of the published generation. Raises: NotBuiltError, CorruptError."""
        try:
            name = (self.path / "CURRENT").read_text("ascii").strip()
        except FileNotFoundError:
            raise NotBuiltError(
                f"The index `{self.index}` has no generation yet: run `textprism reindex {self.index}`."
            ) from None
        except UnicodeDecodeError:
            name = ""
        if not _NAME.fullmatch(name):
            raise CorruptError(f"The file {self.path / 'CURRENT'} is damaged: run `textprism reindex`.")
        return name

    def generations(self) -> list[str]:
        """Names of the finished generations, oldest first."""
        if not self.path.is_dir():
            return []
        return sorted(
            path.name for path in self.path.iterdir() if _NAME.fullmatch(path.name) and path.is_dir()
        )

    def open(self) -> tuple[Generation, list[str]]:
        """The published generation; where it cannot be read, the newest one before it that can.

        With it come the faults of those that were refused. Raises: what was wrong with the published
        one, where no other is whole; NotBuiltError."""
        refused: list[IndexUnavailableError] = []
        for name in self._candidates(refused):
            try:
                return Generation.open(self.path / name), [error.message for error in refused]
            except IndexUnavailableError as error:
                refused.append(error)
        raise refused[0]

    def _candidates(self, refused: list[IndexUnavailableError]) -> list[str]:
        names = self.generations()[::-1]
        try:
            current = self.current()
        except CorruptError as error:
            refused.append(error)
            return names
        return [current, *(name for name in names if name < current)]

    def building(self, *, wait: bool = False) -> AbstractContextManager[None]:
        """Held for a whole build: one at a time. Raises: LockedError, unless it is to wait."""
        return file_lock(self.path / "build.lock", wait=wait)

    def clear_leftovers(self) -> list[str]:
        """What builds that ended half-way had left, by name: it is removed, unless one is at work."""
        if not self.path.is_dir():
            return []
        with suppress(LockedError), self.building():
            return self._cleared()
        return []

    def _cleared(self) -> list[str]:
        leftovers = sorted([*self.path.glob("gen-*.building"), *self.path.glob("gen-*.removed")])
        for leftover in leftovers:
            shutil.rmtree(leftover)
        for unnamed in self.path.glob(".CURRENT.*.new"):
            unnamed.unlink()
        return [leftover.name for leftover in leftovers]

    def new(self, known: Iterable[str] = ()) -> tuple[str, Path]:
        """The name of the next generation and an empty folder to build it in; leftovers are cleared.

        Called by who builds. known: names that were given before; none is given twice."""
        self._cleared()
        given = (_NUMBER.match(name) for name in (*known, *(path.name for path in self.path.glob("gen-*"))))
        number = max((int(each[1]) for each in given if each), default=0) + 1
        name = f"gen-{number:06d}"
        folder = self.path / f"{name}.building"
        make_folder(self.path)
        folder.mkdir()
        return name, folder

    def set_aside_damaged(self, name: str, fault: str) -> Path:
        """Where a damaged generation is from now on, beside what is wrong with it. Nothing is deleted."""
        quarantine = self.path / QUARANTINE
        quarantine.mkdir(exist_ok=True)
        aside = quarantine / f"{name}.{datetime.now(UTC):%Y%m%d-%H%M%S}"
        (self.path / name).rename(aside)
        told = {"generation": name, "fault": fault}
        write_file(aside.with_name(f"{aside.name}.json"), [orjson.dumps(told)])
        sync_folder(quarantine)
        sync_folder(self.path)
        return aside

    def publish(self, name: str) -> None:
        """Makes a finished build the one that is served, and removes all but the last few."""
        with self._publishing():
            (self.path / f"{name}.building").rename(self.path / name)
            sync_folder(self.path)
            replace_file(self.path / "CURRENT", f"{name}\n".encode())
            for old in self.generations()[:-KEPT_GENERATIONS]:
                self._remove(old)

    def _remove(self, name: str) -> None:
        """Removes a generation, which is first renamed: nobody takes one for damaged that is half gone."""
        aside = self.path / f"{name}.removed"
        with suppress(FileNotFoundError):  # it was set aside at this very moment
            (self.path / name).rename(aside)
            shutil.rmtree(aside)

    def activate(self, name: str) -> None:
        """Makes a kept generation the one that is served, after it was verified as a whole.

        Raises: MissingError; ConflictError where it is damaged, then what was served is served on."""
        self._check_kept(name)
        try:
            Generation.open(self.path / name).close()
        except IndexUnavailableError as error:
            raise ConflictError(
                f"`{name}` cannot be served: {error.message}", code="generation_damaged"
            ) from None
        with self._publishing():
            self._check_kept(name)  # meanwhile a build may have removed it
            replace_file(self.path / "CURRENT", f"{name}\n".encode())

    def _check_kept(self, name: str) -> None:
        if name not in (kept := self.generations()):
            raise MissingError("generation", name, kept)

    def _publishing(self) -> AbstractContextManager[None]:
        """Held while CURRENT is swapped, which several may want to do."""
        return file_lock(self.path / "publish.lock", wait=True)

    def set_aside(self) -> Path:
        """Where the folder is now, if there was one: it is no index's any more. Called by who builds."""
        aside = self.path.with_name(f"{REMOVED}{self.index}")
        if self.path.is_dir():
            if aside.exists():
                shutil.rmtree(aside)
            self.path.rename(aside)
            sync_folder(aside.parent)
        return aside
