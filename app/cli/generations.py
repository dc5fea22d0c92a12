"""`textprism generations`, `activate` and `delete`: which state of an index is served, or none."""

from typing import Annotated

import typer

from app.cli.options import AsJson, DataDir, IndexArgument, settings_of, unicode
from app.cli.output import console, print_json
from app.settings import open_catalogue
from indexer.build import kept_generations, remove_index
from indexer.generation import IndexFolder


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("generations")(generations)
    app.command("activate")(activate)
    app.command("delete")(delete)


def generations(index: IndexArgument, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the generations of an index that are kept."""
    settings = settings_of(data_dir)
    with open_catalogue(settings) as catalogue:
        kept = kept_generations(catalogue, settings.data_dir, index)
    if as_json:
        print_json({"index": index, "generations": kept})
        return
    for each in kept:
        told = (
            each.fault or f"{each.documents:,} documents, changes up to {each.through_seq}, {each.created_at}"
        )
        console().print(f"{'*' if each.current else ' '} {each.name} {told}", markup=False)


def activate(
    index: IndexArgument,
    generation: Annotated[str, typer.Argument(help="For example gen-000043.", callback=unicode)],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Serve another generation that is kept, also an older one, after it was verified."""
    settings = settings_of(data_dir)
    with open_catalogue(settings) as catalogue:
        catalogue.indexes.get(index)
    IndexFolder(settings.data_dir, index).activate(generation)
    if as_json:
        print_json({"index": index, "generation": generation})
    else:
        console().print(f"{index}: {generation} is served", markup=False)


def delete(
    index: IndexArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Remove an index with its documents, settings, profiles and generations."""
    settings = settings_of(data_dir)
    with open_catalogue(settings) as catalogue:
        n_documents = catalogue.documents.count(index)
        if not yes:
            typer.confirm(f"Remove {index} with {n_documents:,} documents?", abort=True, err=True)
        remove_index(catalogue, settings.data_dir, index)
    if as_json:
        print_json({"index": index, "removed": n_documents})
    else:
        console().print(f"{index}: removed with {n_documents:,} documents", markup=False)
