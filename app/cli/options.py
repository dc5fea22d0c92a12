"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from app.search.engines import Engines
from app.settings import Settings, open_catalogue
from indexer.errors import InputError
from indexer.generation import Generation


def unicode(given: str) -> str:
    """An argument that is stored or looked up. Raises: typer.BadParameter where its bytes were no UTF-8."""
    try:
        given.encode()
    except UnicodeEncodeError:
        raise typer.BadParameter("this is not UTF-8.") from None
    return given


DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Folder of the catalogue and the indexes.", envvar="TEXTPRISM_DATA_DIR"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
IndexArgument = Annotated[str, typer.Argument(metavar="INDEX", help="Name of the index.", callback=unicode)]
Retrievers = Annotated[
    str | None,
    typer.Option(
        "--retrievers",
        help="Names, parted by commas: bow, tfidf, bm25, ngrams, word2vec. [default: all fused]",
    ),
]
Profile = Annotated[
    str | None,
    typer.Option("--profile", help="Ranking settings by name: news, or news@3. [default: default]"),
]
Filter = Annotated[str | None, typer.Option("--filter", help="For example 'lang = zh AND year >= 2020'.")]
Fusion = Annotated[
    str | None,
    typer.Option("--fusion", help="rrf, linear or combmnz. [default: linear, word vectors at 0.3]"),
]


def settings_of(data_dir: Path | None) -> Settings:
    """The settings of the environment, with the folder that was given. Raises: InputError."""
    try:
        return Settings() if data_dir is None else Settings(data_dir=data_dir)
    except ValidationError as error:
        first = error.errors()[0]
        name = f"TEXTPRISM_{first['loc'][0]}".upper()
        raise InputError(f"The environment's {name}: {first['msg']}.") from None


def names(given: str | None) -> list[str] | None:
    """The names of a list parted by commas."""
    return None if given is None else [name.strip() for name in given.split(",") if name.strip()]


def generation_of(index: str, data_dir: Path | None) -> Generation:
    """What an index is searched by now. Raises: InputError, MissingError."""
    settings = settings_of(data_dir)
    with open_catalogue(settings) as catalogue:
        return Engines(catalogue, settings.data_dir).get(index).generation
