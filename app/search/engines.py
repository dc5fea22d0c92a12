"""The indexes that are being searched: the published generation of each, with what changed since."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import monotonic

from indexer.database import Catalogue, IndexRecord
from indexer.encoders import KeptModels, PairModels
from indexer.errors import IndexUnavailableError, MissingError, NotBuiltError, TextPrismError
from indexer.generation import Generation, IndexFolder
from indexer.live import LiveIndex, empty_generation
from indexer.types import IndexSettings

logger = logging.getLogger(__name__)

REOPENED = "to be opened anew"

POLL_SECONDS = 0.2
"""After so long, what another process has written or published is seen."""

MOST_WAITERS = 16
"""Requests that wait at once: each keeps a thread from the searches meanwhile."""

RETRY_SECONDS = 5.0
"""After so long, what failed, for example because the disk is full, is tried again."""


Fold = Callable[[str], None]
"""Asks for a build of an index with the encoders that it has."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What a request holds from beginning to end. `faults` say why it is not the newest generation; `models`
    read two texts together."""

    generation: Generation
    faults: tuple[str, ...] = ()
    models: PairModels | None = None


@dataclass(frozen=True, slots=True)
class _Served:
    """published: what CURRENT said when it was opened."""

    published: str
    live: LiveIndex
    faults: tuple[str, ...]
    models: PairModels

    @property
    def engine(self) -> Engine:
        return Engine(self.live.current, (*self.faults, *self.live.missing), self.models)


class Engines:
    """Opens indexes once and keeps them up to date; safe for any number of threads.

    `get` brings an index up to date. After `start` threads do that: no search waits for it but the first of
    an index, and documents are searched by words while encoders that read texts are at them."""

    def __init__(self, catalogue: Catalogue, data_dir: Path) -> None:
        self._catalogue = catalogue
        self._data_dir = data_dir
        self.models = PairModels(KeptModels(data_dir))
        self._served: dict[str, _Served] = {}
        self._updating = threading.RLock()
        self._changed = threading.Condition()
        self._places = threading.BoundedSemaphore(MOST_WAITERS)
        self._wanted: set[str] = set()
        self._retry_at: dict[str, float] = {}
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._watcher: threading.Thread | None = None
        self._encoders: dict[str, threading.Thread] = {}
        self._fold: Fold | None = None
        self._fold_beyond: dict[str, int] = {}

    def start(self, fold: Fold | None = None) -> None:
        """Keeps what is open up to date from now on, until `stop`; asks to `fold` an index that has outgrown
        its generation."""
        self._fold = fold
        self._watcher = threading.Thread(target=self._watch, name="engines", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Ends what `start` began."""
        if self._watcher is not None:
            self._stopping.set()
            self._wake.set()
            self._watcher.join()
            for each in list(self._encoders.values()):
                each.join()

    def get(self, index: str) -> Engine:
        """The engine of an index; the former one while the published generation cannot be read.

        Raises: MissingError; what is wrong with the index where it cannot be read at all."""
        served = self._served.get(index)
        if served is not None and self._watcher is not None:
            return served.engine
        return self.update(index)

    def update(self, index: str) -> Engine:
        """Brings an index up to date: its newest generation, and all that is stored now. Raises: as `get`."""
        with self._updating:
            try:
                served = self._updated(self._catalogue.indexes.get(index))
            except MissingError:
                self._served.pop(index, None)
                raise
            self._served[index] = served
        self._see_to_encoding(index, served.live)
        with self._changed:
            self._changed.notify_all()
        return served.engine

    def reopen(self, index: str) -> None:
        """Opens an index anew: a generation of it was set aside."""
        if (served := self._served.get(index)) is not None:
            self._served[index] = replace(served, published=REOPENED)
            self._wake.set()

    def written(self, index: str) -> None:
        """Says that documents of an index were stored or deleted: they are looked at at once."""
        self._wanted.add(index)
        self._wake.set()

    def wait(self, index: str, seq: int, seconds: float) -> bool:
        """Whether the changes of an index up to `seq` are searched by every retriever, after so many seconds
        at most; at once where too many wait."""
        if not self._places.acquire(blocking=False):
            return self.encoded(index) >= seq
        try:
            with self._changed:
                return self._changed.wait_for(lambda: self.encoded(index) >= seq, timeout=seconds)
        finally:
            self._places.release()

    def searched(self, index: str) -> int:
        """The last change of an index that is searched; -1 where it is not open."""
        served = self._served.get(index)
        return -1 if served is None else served.live.seq

    def encoded(self, index: str) -> int:
        """The last change of an index that is searched by every encoder; -1 where it is not open."""
        served = self._served.get(index)
        return -1 if served is None else served.live.encoded

    def _updated(self, record: IndexRecord) -> _Served:
        folder = IndexFolder(self._data_dir, record.name)
        served, published = self._served.get(record.name), _published(folder)
        if served is None or served.published != published or _is_set_otherwise(served.live, record.settings):
            served = self._opened(record, folder, published, served)
        served.live.refresh(self._catalogue)
        return served

    def _opened(
        self, record: IndexRecord, folder: IndexFolder, published: str, former: _Served | None
    ) -> _Served:
        """What is published now; what was served before, or words alone, where none of it can be read."""
        try:
            base, faults = folder.open()
        except NotBuiltError:
            base, faults = empty_generation(record.name, record.settings), _unbuilt(record)
        except IndexUnavailableError as error:
            faults = [error.message]
            if former is not None:
                return _Served(published, former.live, tuple(faults), self.models)
            base = empty_generation(record.name, record.settings, degraded=True)
        if published and base.name != published:
            for fault in faults:
                logger.error("index=%s serving=%s refused=%s", record.name, base.name, fault)
        return _Served(published, LiveIndex(base, folder.path), tuple(faults), self.models)

    def _watch(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()
            for index in self._behind():
                try:
                    self.update(index)
                    self._ask_to_fold(index)
                except MissingError:
                    logger.info("index=%s was removed", index)
                except (TextPrismError, OSError) as error:
                    logger.error("index=%s is not up to date: %s", index, error)

    def _see_to_encoding(self, index: str, live: LiveIndex) -> None:
        """Has encoders read what they have not: now, or after `start` by a thread for each index."""
        if self._watcher is None:
            while live.encode():
                pass
            return
        with self._changed:
            if live.missing and index not in self._encoders and not self._stopping.is_set():
                self._encoders[index] = threading.Thread(target=self._encode, args=[index], daemon=True)
                self._encoders[index].start()

    def _encode(self, index: str) -> None:
        while True:
            with self._changed:
                served = self._served.get(index)
                if served is None or not served.live.missing or self._stopping.is_set():
                    del self._encoders[index]
                    return
            try:
                served.live.encode(partial(self._is_left, index, served))
            except (TextPrismError, OSError) as error:
                logger.error("index=%s cannot be encoded: %s", index, error)
                self._stopping.wait(RETRY_SECONDS)
            with self._changed:
                self._changed.notify_all()

    def _is_left(self, index: str, served: _Served) -> bool:
        return self._stopping.is_set() or self._served.get(index) is not served

    def _ask_to_fold(self, index: str) -> None:
        """Asks once, and again when as much again has changed: what was asked for may have failed."""
        live = self._served[index].live
        if not live.is_outgrown or live.base.degraded:
            self._fold_beyond.pop(index, None)
        elif self._fold is not None and live.n_beside > self._fold_beyond.get(index, 0):
            self._fold_beyond[index] = 2 * live.n_beside
            self._fold(index)

    def _behind(self) -> list[str]:
        """The indexes that are open, or were written to, and are not up to date."""
        seqs = self._catalogue.indexes.seqs()
        wanted = {each for each in set(self._wanted) if each in seqs}
        self._wanted -= wanted
        return [
            name
            for name in {*self._served, *wanted}
            if self._retry_at.get(name, 0.0) <= monotonic()
            and (
                name not in seqs
                or self.searched(name) != seqs[name]
                or _published(IndexFolder(self._data_dir, name)) != self._served[name].published
            )
        ]


def _is_set_otherwise(live: LiveIndex, settings: IndexSettings) -> bool:
    """Whether an index that was never built is to be analysed in another way than it is."""
    if live.base.is_built:
        return False
    built = live.base.manifest.settings
    same = all(settings.fields.get(name) == each for name, each in built.fields.items())
    parts = {"analysis", "views", "positions"}
    return not same or built.model_dump(include=parts) != settings.model_dump(include=parts)


def _unbuilt(record: IndexRecord) -> list[str]:
    """What to say of an index without a generation."""
    if not record.settings.encoders:
        return []
    names = ", ".join(f"`{each}`" for each in record.settings.encoders)
    return [f"The index is searched by words alone: `textprism reindex {record.name}` builds {names}."]


def _published(folder: IndexFolder) -> str:
    """What CURRENT names; what is wrong with it, where it cannot be read; empty, where there is none."""
    try:
        return folder.current()
    except NotBuiltError:
        return ""
    except IndexUnavailableError as error:
        return error.message
