"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from app.settings import Settings

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Folder of the catalogue and the indexes.", envvar="TEXTPRISM_DATA_DIR"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
IndexArgument = Annotated[str, typer.Argument(metavar="INDEX", help="Name of the index.")]
Retrievers = Annotated[
    str | None,
    typer.Option(
        "--retrievers",
        help="Names, parted by commas: bow, tfidf, bm25, ngrams, word2vec. [default: all fused]",
    ),
]
Fusion = Annotated[str | None, typer.Option("--fusion", help="rrf or linear. [default: rrf for several]")]


def settings_of(data_dir: Path | None) -> Settings:
    """The settings of the environment, with the folder that was given."""
    return Settings() if data_dir is None else Settings(data_dir=data_dir)


def names(given: str | None) -> list[str] | None:
    """The names of a list parted by commas."""
    return None if given is None else [name.strip() for name in given.split(",") if name.strip()]
