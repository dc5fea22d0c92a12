"""`textprism check`."""

from dataclasses import dataclass
from itertools import islice
from typing import Annotated

import typer
from rich.markup import escape

from app.cli.options import AsJson, DataDir, settings_of, unicode
from app.cli.output import console, print_json, progress_bar
from app.settings import open_catalogue
from indexer.errors import IndexUnavailableError
from indexer.generation import IndexFolder
from indexer.lexical import faults
from indexer.types import Progress

SHOWN = 100
"""Faults of one index that are listed: where there are more, they have one cause."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in one index; without faults it is sound."""

    index: str
    generation: str | None
    documents: int
    faults: list[str]


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
    """Verify built indexes down to every posting; exit status 1 where anything is wrong."""
    settings = settings_of(data_dir)
    with open_catalogue(settings) as catalogue, progress_bar() as progress:
        records = catalogue.indexes.list() if index is None else [catalogue.indexes.get(index)]
        checked = [_check(IndexFolder(settings.data_dir, each.name), progress) for each in records]
    if as_json:
        print_json({"indexes": checked})
    else:
        for each in checked:
            _print(each)
    if any(each.faults for each in checked):
        raise typer.Exit(1)


def _check(folder: IndexFolder, progress: Progress) -> Checked:
    try:
        generation, refused = folder.open()
    except IndexUnavailableError as error:
        return Checked(folder.index, None, 0, [error.message])
    try:
        found = [*refused, *generation.store.integrity()]
        found.extend(islice(faults(generation.store, generation.lexical.arrays, progress), SHOWN))
    except IndexUnavailableError as error:
        found.append(error.message)
    finally:
        generation.close()
    return Checked(folder.index, generation.name, generation.store.n_docs, found)


def _print(checked: Checked) -> None:
    out = console()
    if not checked.faults:
        what = f"{checked.generation} is sound, {checked.documents:,} documents"
        out.print(f"{checked.index}: {what}", markup=False)
    for each in checked.faults:
        out.print(f"[red]fault[/red] {escape(checked.index)}: {escape(each)}")
