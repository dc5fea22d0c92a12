"""What an archive is: a tar file whose first member, a manifest, has the size and sha256 of all others."""

import io
import re
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO

from pydantic import BaseModel, ConfigDict, ValidationError

from indexer.errors import BadFileError, FormatError
from indexer.storage.files import CHUNK

FORMAT = 1
MANIFEST = "snapshot.json"
MOST_MANIFEST_BYTES = 64 << 20

CATALOGUE = "textprism.db"
_PART = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_ALLOWED = re.compile(
    rf"{re.escape(CATALOGUE)}"
    rf"|indexes/{_PART}/(?:CURRENT|gen-\d{{6}}(?:/{_PART})+)"
    rf"|models(?:/{_PART}){{2,}}"
)


class Member(BaseModel):
    """One file of an archive."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    bytes: int
    sha256: str


class Manifest(BaseModel):
    """What an archive holds, by the paths in the data folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: int
    version: str  # of the program that took it
    created_at: str
    members: Mapping[str, Member]

    @property
    def bytes(self) -> int:
        """What all files take."""
        return sum(each.bytes for each in self.members.values())


def write_archive(stream: IO[bytes], manifest: Manifest, folder: Path) -> None:
    """Writes an archive of files below a folder."""
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        content = manifest.model_dump_json(indent=1).encode()
        archive.addfile(_entry(MANIFEST, len(content)), io.BytesIO(content))
        for name, member in manifest.members.items():
            with open(folder / name, "rb") as file:
                archive.addfile(_entry(name, member.bytes), file)


def read_archive(path: Path) -> Iterator[Manifest | tuple[str, Member, Iterator[bytes]]]:
    """The manifest of an archive, then each file of it: its name, what the manifest says, its bytes.

    Raises: BadFileError where it is no whole archive, or one with anything that a snapshot does not have;
    FormatError where a newer program wrote it."""
    try:
        with tarfile.open(path, mode="r:") as archive:
            entries = iter(archive)
            manifest = _manifest(archive, next(entries, None), path)
            yield manifest
            left = dict(manifest.members)
            for entry in entries:
                member = left.pop(entry.name, None)
                stream = archive.extractfile(entry) if entry.isreg() else None
                if member is None or stream is None or member.bytes != entry.size:
                    raise BadFileError(f"{path}: the manifest has no such file: `{entry.name[:200]}`.")
                yield entry.name, member, _chunks(stream, path)
    except (tarfile.TarError, EOFError) as error:
        raise BadFileError(f"{path} is no whole snapshot ({error}).") from None
    if left:
        raise BadFileError(f"{path} is cut off: {len(left)} files are missing, the first is `{min(left)}`.")


def _manifest(archive: tarfile.TarFile, entry: tarfile.TarInfo | None, path: Path) -> Manifest:
    stream = None
    if entry is not None and entry.name == MANIFEST and entry.size <= MOST_MANIFEST_BYTES:
        stream = archive.extractfile(entry)
    if stream is None:
        raise BadFileError(f"{path} is no snapshot: its first file is not `{MANIFEST}`.")
    try:
        manifest = Manifest.model_validate_json(stream.read())
    except ValidationError as error:
        raise BadFileError(f"{path}: its manifest is damaged ({error.error_count()} faults).") from None
    if manifest.format > FORMAT:
        raise FormatError(
            f"{path} has format {manifest.format}, this program reads {FORMAT}: use a newer one."
        )
    for name in manifest.members:
        if not _ALLOWED.fullmatch(name) or ".." in PurePosixPath(name).parts:
            raise BadFileError(f"{path}: a snapshot has no file `{name[:200]}`: nothing was restored.")
    return manifest


def _chunks(stream: IO[bytes], path: Path) -> Iterator[bytes]:
    try:
        while chunk := stream.read(CHUNK):
            yield chunk
    except tarfile.TarError as error:
        raise BadFileError(f"{path} is cut off ({error}).") from None


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry
