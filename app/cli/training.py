"""`textprism train`."""

from typing import Annotated, Any

import orjson
import typer

from app.cli.options import AsJson, DataDir, IndexArgument, settings_of, unicode
from app.cli.output import console, print_json, print_report, progress_bar
from app.settings import open_catalogue
from indexer.build import train_model
from indexer.errors import InputError


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("train")(train)


def train(
    index: IndexArgument,
    encoder: Annotated[
        str,
        typer.Argument(help="An encoder of the index, or word2vec, glove or fasttext.", callback=unicode),
    ],
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option", metavar="NAME=VALUE", help="For example dims=200; else as the settings have it."
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="What the word vectors are kept as. [default: INDEX-ENCODER]")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Train word vectors on the documents of an index, and keep them; the next reindex uses them."""
    settings = settings_of(data_dir)
    with open_catalogue(settings) as catalogue, progress_bar() as progress:
        trained = train_model(
            catalogue, settings.data_dir, index, encoder, _options(option or []), model, progress
        )
    if as_json:
        print_json({"index": index, "training": trained})
        return
    out = console()
    speed = f"{trained.words_per_second:,.0f} words a second"
    out.print(f"{trained.model}, {speed}, {trained.seconds:.1f} s", markup=False)
    print_report(trained.report)
    out.print(f"next: textprism reindex {index}", markup=False)


def _options(given: list[str]) -> dict[str, Any]:
    """The options of NAME=VALUE; a value is JSON, or else a word as it stands."""
    options: dict[str, Any] = {}
    for each in given:
        name, equals, written = each.partition("=")
        if not equals or not name:
            raise InputError(f"`{each}`: wanted NAME=VALUE, for example dims=200.")
        try:
            options[name] = orjson.loads(written)
        except orjson.JSONDecodeError:
            options[name] = written
    return options
