"""`textprism check`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from app.cli.options import AsJson, DataDir, settings_of, unicode
from app.cli.output import console, print_json, progress_bar
from app.settings import open_catalogue
from indexer.completion import faults as completion_faults
from indexer.database import Catalogue
from indexer.errors import IndexUnavailableError, NotBuiltError
from indexer.generation import Generation, IndexFolder, damaged_files, read_manifest
from indexer.lexical import ARRAYS, FILE_NAME, SqliteLexical, faults, open_arrays
from indexer.metadata import faults as metadata_faults
from indexer.types import Progress

SHOWN = 100
"""Faults of one index that are listed: where there are more, they have one cause."""


@dataclass(slots=True)
class Checked:
    """What was found in the published generation of one index; without faults it is sound."""

    index: str
    generation: str | None = None
    documents: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("check")(check_command)


def _named(given: str | None) -> str | None:
    return None if given is None else unicode(given)


def check_command(
    index: Annotated[
        str | None,
        typer.Argument(metavar="[INDEX]", help="Name of the index. [default: all]", callback=_named),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Verify documents and indexes down to every posting and value; exit status 1 where anything is wrong."""
    settings = settings_of(data_dir)
    with open_catalogue(settings) as catalogue, progress_bar() as progress:
        catalogue_faults = catalogue.faults()
        records = catalogue.indexes.list() if index is None else [catalogue.indexes.get(index)]
        checked = [_check(catalogue, IndexFolder(settings.data_dir, each.name), progress) for each in records]
    if as_json:
        print_json({"catalogue": catalogue_faults, "indexes": checked})
    else:
        for fault in catalogue_faults:
            console().print(f"[red]fault[/red] {escape(fault)}")
        for each in checked:
            _print(each)
    if catalogue_faults or any(each.faults for each in checked):
        raise typer.Exit(1)


def _check(catalogue: Catalogue, folder: IndexFolder, progress: Progress) -> Checked:
    """What there is to say of the published generation of an index."""
    checked = Checked(folder.index)
    found = _faults(catalogue, folder, checked, progress)
    try:
        for fault in islice(found, SHOWN):
            checked.faults.append(fault)
        if next(found, None) is not None:
            checked.faults.append(f"There are more than these {SHOWN} faults.")
    except NotBuiltError as error:
        (checked.faults if folder.generations() else checked.notes).append(error.message)
    except IndexUnavailableError as error:
        checked.faults.append(error.message)
    return checked


def _faults(catalogue: Catalogue, folder: IndexFolder, checked: Checked, progress: Progress) -> Iterator[str]:
    """Faults as they are found; on the way it is filled in what was checked, and what is worth a note."""
    yield from _damaged_documents(catalogue, folder.index, progress)
    checked.generation = folder.current()
    path = folder.path / checked.generation
    damaged = [fault for _, fault in damaged_files(path) if fault]
    if damaged:
        yield from damaged
        return
    checked.notes.extend(_damaged_arrays(path))
    generation = Generation.open(path)
    try:
        checked.documents = generation.manifest.documents
        yield from _catalogue_faults(catalogue, generation, checked)
        [segment] = generation.lexical.segments
        assert isinstance(segment.store, SqliteLexical)
        unreadable = segment.store.integrity()
        yield from (f"SQLite finds in {path / FILE_NAME}: {each}" for each in unreadable)
        if not unreadable:
            yield from faults(segment.store, segment.arrays, progress)
        yield from metadata_faults(generation.metadata)
        yield from completion_faults(generation.completer.ngrams, generation.manifest.documents)
    finally:
        generation.close()


def _damaged_documents(catalogue: Catalogue, index: str, progress: Progress) -> Iterator[str]:
    """The documents that are not as they were stored."""
    done = 0

    def read(n_characters: int) -> None:
        nonlocal done
        done += n_characters
        progress("read documents", done, None)

    for doc_id in catalogue.documents.damaged(index, read):
        yield f"The document `{doc_id}` is damaged in the catalogue: replace or delete it."


def _damaged_arrays(path: Path) -> Iterator[str]:
    """That the serving arrays are not whole: they hold nothing of their own, so that is no fault."""
    store = SqliteLexical(path / FILE_NAME)
    try:
        open_arrays(store, path / ARRAYS, read_manifest(path).files[FILE_NAME])
    except IndexUnavailableError as error:
        yield f"{error.message} It is made anew from {FILE_NAME}."
    finally:
        store.close()


def _catalogue_faults(catalogue: Catalogue, generation: Generation, checked: Checked) -> Iterator[str]:
    """That the catalogue has another number of documents, where nobody has written any since the build."""
    manifest = generation.manifest
    with catalogue.documents.snapshot(checked.index) as snapshot:
        if snapshot.seq != manifest.through_seq:
            checked.notes.append(
                f"Documents were written since it was built: the catalogue has {snapshot.count:,} now."
            )
        elif snapshot.count != manifest.documents:
            yield (
                f"{checked.generation} has {manifest.documents:,} documents, the catalogue has "
                f"{snapshot.count:,}, and none was written since."
            )


def _print(checked: Checked) -> None:
    out = console()
    for each in checked.notes:
        out.print(f"[yellow]note[/yellow] {escape(checked.index)}: {escape(each)}")
    for each in checked.faults:
        out.print(f"[red]fault[/red] {escape(checked.index)}: {escape(each)}")
    if checked.faults:
        out.print(f"next: textprism reindex {checked.index}", markup=False)
    elif checked.generation is not None:
        what = f"{checked.generation} is sound, {checked.documents:,} documents"
        out.print(f"{checked.index}: {what}", markup=False)
