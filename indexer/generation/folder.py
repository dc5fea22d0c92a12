"""The folder in which the generations of an index live, and which of them is published.

indexes/<index>/
  CURRENT              the name of the published generation, swapped by rename
  gen-000043/          manifest.json (written last), lexical.sqlite, metadata/, spelling/,
                       <encoder>.faiss, models/<encoder>/
  gen-000044.building/ what a build has not finished yet
  quarantine/          generations that were found damaged, each beside the reason
"""

import re
import shutil
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from pathlib import Path

import orjson

from indexer.errors import (
    ConflictError,
    CorruptError,
    IndexUnavailableError,
    LockedError,
    MissingError,
    NotBuiltError,
)
from indexer.generation.generation import Generation
from indexer.storage.files import make_folder, replace_file, sync_folder, write_file
from indexer.storage.locks import file_lock

KEPT_GENERATIONS = 3
QUARANTINE = "quarantine"
REMOVED = ".removed-"
"""Begins the name of the folder of an index that is being removed; no index has such a name."""

_NAME = re.compile(r"gen-\d{6}")
_NUMBER = re.compile(r"gen-(\d{6})")


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
        older = [name for name in names if name < current]
        if current in names:
            return [current, *older]
        refused.append(
            CorruptError(f"{self.path / 'CURRENT'} names `{current}`, which is not there: rebuild the index.")
        )
        return [*older, *(name for name in names if name > current)]

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
