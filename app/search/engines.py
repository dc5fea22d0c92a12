"""The generations that are being served: one an index, exchanged when a newer one is published."""

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import IndexUnavailableError
from indexer.generation import Generation, IndexFolder

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Engine:
    """What a request holds from beginning to end. `faults` say why it is not the newest generation."""

    generation: Generation
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Served:
    published: str  # what CURRENT said when the engine was opened
    engine: Engine


class Engines:
    """Opens generations once and keeps them; safe for any number of threads.

    CURRENT is read at each request, so that what another process publishes is served at once."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._served: dict[str, _Served] = {}
        self._opening = threading.Lock()

    def get(self, index: str) -> Engine:
        """The engine of an index; the former one while the published generation cannot be read.

        Raises: NotBuiltError; IndexUnavailableError where no generation is whole."""
        folder = IndexFolder(self._data_dir, index)
        served = self._served.get(index)
        if served is not None and _published(folder) == served.published:
            return served.engine
        with self._opening:
            return self._open(index, folder)

    def _open(self, index: str, folder: IndexFolder) -> Engine:
        published = _published(folder)
        served = self._served.get(index)
        if served is not None and served.published == published:
            return served.engine
        try:
            generation, faults = folder.open()
        except IndexUnavailableError as error:
            if served is None:
                raise
            generation, faults = served.engine.generation, [error.message]
        for fault in faults:
            logger.error("index=%s serving=%s refused=%s", index, generation.name, fault)
        engine = Engine(generation, tuple(faults))
        self._served[index] = _Served(published, engine)
        return engine


def _published(folder: IndexFolder) -> str:
    """What CURRENT names; what is wrong with it, where it cannot be read."""
    try:
        return folder.current()
    except IndexUnavailableError as error:
        return error.message
