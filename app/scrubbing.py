"""What is stored is read again in the background, so that damage is found before somebody needs the part."""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

from app.search.engines import Engines
from indexer.database import Catalogue
from indexer.errors import CorruptError, FormatError, MissingError, TextPrismError
from indexer.generation import IndexFolder, damaged_files

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 60.0
"""Between two passes, beside what they pause themselves."""

MOST_FAULTS = 100


class _StoppedError(Exception):
    """The service stops."""


class Scrubber:
    """Reads every document and every file of the generations again and again, at most so many bytes a second.

    A damaged generation is set aside, and an older one served in its place; a damaged document is named.
    `faults` are those of the last whole pass and of the one under way."""

    def __init__(self, catalogue: Catalogue, engines: Engines, data_dir: Path, bytes_per_second: int) -> None:
        self._catalogue = catalogue
        self._engines = engines
        self._data_dir = data_dir
        self._rate = bytes_per_second
        self._stopping = threading.Event()
        self._found: list[str] = []
        self._before: list[str] = []
        self._thread = threading.Thread(target=self._work, name="scrubber", daemon=True)

    @property
    def faults(self) -> list[str]:
        """What is damaged, each in a sentence."""
        return list(dict.fromkeys([*self._before, *self._found]))[:MOST_FAULTS]

    def start(self) -> None:
        """Begins, unless it is to read nothing."""
        if self._rate:
            self._thread.start()

    def stop(self) -> None:
        """Ends within a moment."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def scrub(self) -> list[str]:
        """The faults of one pass over everything."""
        self._before, self._found = self._found, []
        for record in self._catalogue.indexes.list():
            try:
                for fault in (*self._documents(record.name), *self._generations(record.name)):
                    logger.error("index=%s %s", record.name, fault)
                    self._found.append(fault)
            except MissingError:
                continue  # removed meanwhile
        self._before = self._found
        return self.faults

    def _work(self) -> None:
        while True:
            try:
                self.scrub()
            except _StoppedError:
                return
            except (TextPrismError, OSError):
                logger.exception("the scrubber could not go on")
            if self._stopping.wait(PAUSE_SECONDS):
                return

    def _documents(self, index: str) -> Iterator[str]:
        for doc_id in self._catalogue.documents.damaged(index, self._read):
            yield f"The document `{doc_id}` of `{index}` is damaged: delete it and store it anew."

    def _generations(self, index: str) -> Iterator[str]:
        folder = IndexFolder(self._data_dir, index)
        for name in folder.generations():
            if fault := self._first_fault(folder, name):
                aside = folder.set_aside_damaged(name, fault)
                self._engines.reopen(index)
                yield f"{fault} `{name}` of `{index}` was set aside as {aside}."

    def _first_fault(self, folder: IndexFolder, name: str) -> str:
        """What is wrong with a generation that is still there; empty where nothing is."""
        fault = ""
        try:
            for path, fault in damaged_files(folder.path / name):
                if fault:
                    break
                self._read(path.stat().st_size)
        except CorruptError as error:
            fault = error.message
        except (FormatError, FileNotFoundError):  # another program's; or removed meanwhile
            return ""
        return fault if name in folder.generations() else ""

    def _read(self, n_bytes: int) -> None:
        """Waits as long as so many bytes are to take. Raises: _StoppedError."""
        if self._stopping.wait(n_bytes / self._rate if self._rate else 0):
            raise _StoppedError
