"""What a generation says of itself, and whether its files are as they were written."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from indexer.errors import CorruptError, FormatError
from indexer.storage.files import checksum, sync_folder, write_file
from indexer.types import IndexSettings

FORMAT = 5
MANIFEST = "manifest.json"


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
