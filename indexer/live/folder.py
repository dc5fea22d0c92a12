"""Where the segments of one process are kept while it runs."""

import shutil
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import mkdtemp
from weakref import finalize

from indexer.errors import LockedError
from indexer.storage.locks import file_lock

_PREFIX = "live."
_LOCK = "live.lock"


class SegmentFolder:
    """A folder of this process beside the generations of an index; what processes that ended have left there
    is removed. It is gone with this object, or when the process ends."""

    def __init__(self, index_folder: Path) -> None:
        held = ExitStack()
        with file_lock(index_folder / _LOCK, wait=True):  # nobody removes a folder that is not locked yet
            _clear(index_folder)
            self.path = Path(mkdtemp(dir=index_folder, prefix=_PREFIX))
            held.enter_context(file_lock(self.path / _LOCK, wait=False))
        finalize(self, _removed, self.path, held)


def _clear(index_folder: Path) -> None:
    for left in index_folder.glob(f"{_PREFIX}*/"):
        with suppress(LockedError), file_lock(left / _LOCK, wait=False):
            shutil.rmtree(left)


def _removed(path: Path, held: ExitStack) -> None:
    shutil.rmtree(path, ignore_errors=True)
    held.close()
