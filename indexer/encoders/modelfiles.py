"""The files of a model folder, as they are kept: copied, synced, and known by sha256."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from indexer.errors import CorruptError, InputError
from indexer.storage.files import CHUNK, checksum, make_folder, sync_file, sync_folder, write_file


def copy_files(source: Path, target: Path) -> None:
    """Copies all files of a folder, which are durable then, into one that is there."""
    for path in sorted(source.rglob("*")):
        copy = target / path.relative_to(source)
        if path.is_dir():
            make_folder(copy)
        else:
            shutil.copyfile(path, copy)
            sync_file(copy)
    for folder in filter(Path.is_dir, target.rglob("*")):
        sync_folder(folder)


def copy_file(source: Path, target: Path) -> None:
    """The same bytes at another place: what becomes of a user's folder then is nothing to a generation."""
    with open(source, "rb") as file:
        write_file(target, iter(lambda: file.read(CHUNK), b""))


def checksums(folder: Path) -> dict[str, str]:
    """The sha256 of each file, by its path below the folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): checksum(path) for path in files}


def check_files(folder: Path, expected: Mapping[str, str], remedy: str = "train the model again") -> None:
    """Raises CorruptError where a file is not there or not as it was kept."""
    for name, sha256 in expected.items():
        if checksum(folder / name) != sha256:
            raise CorruptError(f"{folder / name} is damaged (sha256 differs): {remedy}.")


def bad_folder(path: Path, fault: str) -> InputError:
    """The error of a folder that cannot be used."""
    return InputError(f"The model folder {path}: {fault}.", pointer="/model", code="bad_model_folder")
