"""`textprism profile`: ranking settings under a name."""

from typing import Annotated

import typer
from pydantic import ValidationError

from app.cli.options import AsJson, DataDir, IndexArgument, settings_of
from app.cli.output import console, print_json
from app.search.engines import Engines
from app.search.profiling import save_profile
from app.search.ranking import RankingSettings
from app.settings import open_catalogue
from indexer.errors import InputError


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("profile")(profile_command)


def profile_command(
    index: IndexArgument,
    name: Annotated[str | None, typer.Argument(help="Its name; all are listed if left out.")] = None,
    given: Annotated[
        str | None,
        typer.Option("--set", metavar="JSON", help='A new version: {"depth": 100, "fusion": "rrf"}.'),
    ] = None,
    version: Annotated[int | None, typer.Option("--activate", help="Go back to a version.", min=1)] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the ranking settings of an index, set them, or go back to a version."""
    settings = settings_of(data_dir)
    if name is None and (given is not None or version is not None):
        raise typer.BadParameter("a NAME is wanted with --set and --activate.")
    with open_catalogue(settings) as catalogue:
        if name is not None and given is not None:
            save_profile(catalogue, Engines(catalogue, settings.data_dir), index, name, _settings(given))
        if name is not None and version is not None:
            catalogue.profiles.activate(index, name, version)
        found = catalogue.profiles.list(index) if name is None else catalogue.profiles.versions(index, name)
    if as_json:
        print_json({"index": index, "profiles": found})
        return
    for each in found:
        state = "active" if each.active else "kept"
        console().print(f"{each} {state} since {each.created_at}", markup=False)
        console().print_json(data=dict(each.settings), indent=None)
    if not found:
        console().print(f"{index} has no profiles: the defaults rank.", markup=False)


def _settings(given: str) -> RankingSettings:
    try:
        return RankingSettings.model_validate_json(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InputError(f"The profile would be wrong at `{where}`: {first['msg']}.") from None
