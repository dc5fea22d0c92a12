"""`textprism models`: the word vectors that are kept by name."""

from typing import Annotated

import typer

from app.cli.options import AsJson, DataDir, settings_of, unicode
from app.cli.output import console, print_json, print_report
from app.settings import open_catalogue
from indexer.build import remove_model
from indexer.encoders import KeptModel, KeptModels

Reference = Annotated[
    str, typer.Argument(metavar="NAME", help="wiki, or one version of it, wiki@2.", callback=unicode)
]

_models = typer.Typer(
    name="models", help="Keep word vectors by name, trained or brought along.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(_models)


@_models.command("list")
def list_models(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the newest version of each model."""
    found = KeptModels(settings_of(data_dir).data_dir).list()
    if as_json:
        print_json({"models": found})
        return
    for each in found:
        _print(each)
    if not found:
        console().print("no models: textprism train INDEX word2vec")


@_models.command("show")
def show(name: Reference, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show a model and its report."""
    model = KeptModels(settings_of(data_dir).data_dir).get(name)
    if as_json:
        print_json(model)
        return
    _print(model)
    print_report(model.report)


@_models.command("remove")
def remove(name: Reference, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Remove a version, or all of a name; not what an index is to use."""
    settings = settings_of(data_dir)
    with open_catalogue(settings, create=True) as catalogue:
        remove_model(catalogue, settings.data_dir, name)
    if as_json:
        print_json({"removed": name})
    else:
        console().print(f"{name} removed", markup=False)


def _print(model: KeptModel) -> None:
    made = ", and vectors for words that it has not" if model.subwords else ""
    told = f"{model.words:,} words, {model.dims} dimensions{made}"
    console().print(f"{model} {model.type}: {told}, {model.created_at}", markup=False)
