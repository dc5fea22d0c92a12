"""Restores a snapshot into an empty folder, all of it or nothing."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

from indexer.errors import BadFileError, InputError
from indexer.snapshots.archive import CATALOGUE, Manifest, Member, read_archive
from indexer.storage.files import make_folder, sync_folder, write_file
from indexer.types import Progress, no_progress


def restore(archive: Path, data_dir: Path, progress: Progress = no_progress) -> Manifest:
    """What was restored: the files of an archive, each checked, as a data folder that was not there or empty.

    Raises: InputError where there is anything in it already, or not room enough; BadFileError where the
    archive is not whole; FormatError; what `progress` raises to stop. Nothing is left behind then."""
    if data_dir.exists() and (not data_dir.is_dir() or any(data_dir.iterdir())):
        raise InputError(
            f"{data_dir} is not empty: a snapshot is restored into a new folder, which then takes its place.",
            code="folder_not_empty",
        )
    make_folder(data_dir.parent)
    made = Path(mkdtemp(dir=data_dir.parent, prefix=f".{data_dir.name}."))
    try:
        manifest = _extract(archive, made, progress)
        if data_dir.exists():
            data_dir.rmdir()
        made.chmod(0o755)
        made.rename(data_dir)
        sync_folder(data_dir.parent)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return manifest


def _extract(archive: Path, folder: Path, progress: Progress) -> Manifest:
    members = read_archive(archive)
    manifest = next(members)
    assert isinstance(manifest, Manifest)
    if CATALOGUE not in manifest.members:
        raise BadFileError(f"{archive} has no catalogue: nothing was restored.")
    if manifest.bytes > (free := shutil.disk_usage(folder).free):
        raise InputError(
            f"{archive} holds {manifest.bytes:,} bytes, {folder.parent} has room for {free:,}: make room.",
            code="no_room",
        )
    for done, each in enumerate(members):
        assert not isinstance(each, Manifest)
        progress("restore", done, len(manifest.members))
        _write(archive, folder, *each)
    progress("restore", len(manifest.members), len(manifest.members))
    for path in folder.rglob("*"):
        if path.is_dir():
            sync_folder(path)
    sync_folder(folder)
    return manifest


def _write(archive: Path, folder: Path, name: str, member: Member, chunks: Iterator[bytes]) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    write_file(folder / name, _hashed(chunks, digest))
    if digest.hexdigest() != member.sha256:
        raise BadFileError(f"{archive}: `{name}` is damaged (sha256 differs): nothing was restored.")


def _hashed(chunks: Iterator[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    for chunk in chunks:
        digest.update(chunk)
        yield chunk
