"""The generations of an index that are kept, with what is known of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.database import Catalogue
from indexer.errors import IndexUnavailableError
from indexer.generation import IndexFolder, read_manifest


@dataclass(frozen=True, slots=True)
class KeptGeneration:
    """A generation that is kept. `current`: it is the published one · `report`: of its build, None where none
    was noted · `fault`: why its manifest cannot be read; then it cannot be activated."""

    name: str
    current: bool
    documents: int | None
    created_at: str | None
    through_seq: int | None
    report: Mapping[str, Any] | None
    fault: str | None


def kept_generations(catalogue: Catalogue, data_dir: Path, index: str) -> Sequence[KeptGeneration]:
    """The generations of an index that are kept, oldest first. Raises: MissingError."""
    reports = {each.name: each.report for each in catalogue.generations.list(index)}
    folder = IndexFolder(data_dir, index)
    current = _current(folder)
    return [_kept(folder.path / name, name == current, reports.get(name)) for name in folder.generations()]


def _current(folder: IndexFolder) -> str | None:
    try:
        return folder.current()
    except IndexUnavailableError:
        return None


def _kept(path: Path, current: bool, report: Mapping[str, Any] | None) -> KeptGeneration:
    try:
        manifest = read_manifest(path)
    except IndexUnavailableError as error:
        return KeptGeneration(path.name, current, None, None, None, report, error.message)
    told = manifest.documents, manifest.created_at, manifest.through_seq
    return KeptGeneration(path.name, current, *told, report, None)
