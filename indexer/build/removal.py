"""An index is removed: its rows and its folder, both or neither."""

import shutil
from pathlib import Path

from indexer.database import Catalogue
from indexer.generation import REMOVED, IndexFolder


def remove_index(catalogue: Catalogue, data_dir: Path, index: str) -> None:
    """Removes an index with its documents, settings, profiles and generations; its tasks stay.

    Raises: MissingError; ConflictError where a task of it has not ended, LockedError while it is built."""
    catalogue.indexes.get(index)
    folder = IndexFolder(data_dir, index)
    with folder.building(), catalogue.indexes.deleting(index):
        # Before the rows are gone: an index of this name that is made later must not find the folder.
        aside = folder.set_aside()
    shutil.rmtree(aside)


def clear_removed(data_dir: Path) -> None:
    """Removes what is left of indexes whose removal a crash had cut short."""
    for aside in (data_dir / "indexes").glob(f"{REMOVED}*"):
        shutil.rmtree(aside)
