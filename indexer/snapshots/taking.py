"""Takes snapshots while others write: files are held by links, the catalogue copies itself."""

import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

from indexer import __version__
from indexer.database import Catalogue
from indexer.errors import CorruptError, IndexUnavailableError, LockedError, MissingError
from indexer.generation import IndexFolder, read_manifest
from indexer.snapshots.archive import CATALOGUE, FORMAT, Manifest, Member, write_archive
from indexer.storage.files import checksum, make_folder, sync_file, sync_folder
from indexer.storage.locks import file_lock
from indexer.types import Progress, no_progress

FOLDER = "snapshots"
HELD = ".snapshot-"
"""Begins the name of the folder of links to what is being put into an archive."""

_NAME = re.compile(r"snapshot-\d{8}-\d{6}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An archive that was taken, in the folder `snapshots` of the data folder or elsewhere."""

    name: str
    path: str
    bytes: int
    created_at: str


class Snapshots:
    """The snapshots of a data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._folder = data_dir / FOLDER

    def take(
        self, catalogue: Catalogue, to: Path | None = None, progress: Progress = no_progress
    ) -> Snapshot:
        """A new archive of the catalogue, the published generation of each index and the kept models; `to`:
        the folder that it is written into.

        Raises: InputError where the catalogue is no SQLite file; CorruptError where a file cannot be read;
        LockedError where another one is being taken; what `progress` raises to stop. Nothing is left behind
        then."""
        with self._taking():
            self._clear_leftovers()
            return self._take(catalogue, to, progress)

    def _take(self, catalogue: Catalogue, to: Path | None, progress: Progress) -> Snapshot:
        now = datetime.now(UTC)
        folder = self._folder if to is None else to
        make_folder(folder)
        name = f"snapshot-{now:%Y%m%d-%H%M%S}-{token_hex(4)}"
        # Beside the generations, so that these can be held by links while others are published.
        with TemporaryDirectory(dir=self._data_dir, prefix=HELD) as temporary:
            held = Path(temporary)
            # Before the catalogue: then no generation knows a change that the copy of the catalogue lacks.
            expected = dict(_hold_generations(catalogue, self._data_dir, held))
            names = [*expected, *_hold_models(self._data_dir, held)]
            catalogue.copy_to(held / CATALOGUE)
            members = _members(held, [CATALOGUE, *names], expected, progress)
            manifest = Manifest(
                format=FORMAT,
                version=__version__,
                created_at=now.isoformat(timespec="seconds"),
                members=members,
            )
            path = folder / f"{name}.tar"
            unfinished = folder / f".{name}.new"
            try:
                with open(unfinished, "xb") as stream:
                    write_archive(stream, manifest, held)
                sync_file(unfinished)
                unfinished.rename(path)
                sync_folder(folder)
            finally:
                unfinished.unlink(missing_ok=True)
        return Snapshot(name, str(path), path.stat().st_size, manifest.created_at)

    def clear_leftovers(self) -> None:
        """Removes what a snapshot that ended half-way had left, unless one is being taken."""
        with suppress(LockedError), self._taking():
            self._clear_leftovers()

    def _clear_leftovers(self) -> None:
        for held in self._data_dir.glob(f"{HELD}*"):
            shutil.rmtree(held)
        for unfinished in self._folder.glob(".snapshot-*.new"):
            unfinished.unlink()

    def _taking(self) -> AbstractContextManager[None]:
        """Held while one is taken. Raises: LockedError."""
        return file_lock(self._data_dir / "snapshot.lock", wait=False)

    def path(self, name: str) -> Path:
        """The archive of one. Raises: MissingError."""
        path = self._folder / f"{name}.tar"
        if not _NAME.fullmatch(name) or not path.is_file():
            raise MissingError("snapshot", name, [each.name for each in self.list()])
        return path

    def list(self) -> Sequence[Snapshot]:
        """Those in the data folder, oldest first."""
        found = sorted(self._folder.glob("snapshot-*.tar")) if self._folder.is_dir() else []
        return [self._described(path) for path in found if _NAME.fullmatch(path.stem)]

    def remove(self, name: str) -> None:
        """Removes one. Raises: MissingError."""
        self.path(name).unlink()
        sync_folder(self._folder)

    def _described(self, path: Path) -> Snapshot:
        taken = datetime.strptime(path.stem[9:24], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
        return Snapshot(path.stem, str(path), path.stat().st_size, taken.isoformat(timespec="seconds"))


def _hold_generations(catalogue: Catalogue, data_dir: Path, held: Path) -> Iterator[tuple[str, str | None]]:
    """Links the published generation of each index; yields the paths of its files, with their sha256 where it
    is known. An index whose manifest cannot be read is left to the catalogue, which it can be built from."""
    for record in catalogue.indexes.list():
        folder = IndexFolder(data_dir, record.name)
        try:
            published = folder.current()
            files = read_manifest(folder.path / published).files
        except IndexUnavailableError:
            continue
        below = f"indexes/{record.name}"
        for name, sha256 in {**files, "manifest.json": None, "manifest.sha256": None}.items():
            yield _linked(data_dir, held, f"{below}/{published}/{name}"), sha256
        (held / below / "CURRENT").write_text(f"{published}\n")
        yield f"{below}/CURRENT", None


def _hold_models(data_dir: Path, held: Path) -> Iterator[str]:
    for version in sorted((data_dir / "models").glob(f"*/{'[0-9]' * 6}")):
        for path in sorted(version.rglob("*")):
            if path.is_file():
                yield _linked(data_dir, held, path.relative_to(data_dir).as_posix())


def _linked(data_dir: Path, held: Path, name: str) -> str:
    (held / name).parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(data_dir / name, held / name)
    except OSError:  # a file system without links
        shutil.copyfile(data_dir / name, held / name)
    return name


def _members(
    held: Path, names: Sequence[str], expected: Mapping[str, str | None], progress: Progress
) -> dict[str, Member]:
    members: dict[str, Member] = {}
    for done, name in enumerate(names):
        progress("checksums", done, len(names))
        sha256 = checksum(held / name)
        if expected.get(name) not in (None, sha256):
            raise CorruptError(f"`{name}` is damaged (sha256 differs): rebuild that index, then try again.")
        members[name] = Member(bytes=(held / name).stat().st_size, sha256=sha256)
    progress("checksums", len(names), len(names))
    return members
