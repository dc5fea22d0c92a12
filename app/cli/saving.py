"""`textprism snapshot` and `textprism restore`: all of a data folder in one archive, and back."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import AsJson, DataDir, settings_of
from app.cli.output import console, print_json, progress_bar
from app.settings import open_catalogue
from indexer.snapshots import Snapshots
from indexer.snapshots import restore as restore_snapshot


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("snapshot")(snapshot)
    app.command("restore")(restore)


def snapshot(
    to: Annotated[
        Path | None, typer.Option(help="Folder for the archive. [default: `snapshots` in the data folder]")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Put all documents, settings, published generations and kept models into one archive."""
    settings = settings_of(data_dir)
    with open_catalogue(settings) as catalogue, progress_bar() as progress:
        taken = Snapshots(settings.data_dir).take(catalogue, to, progress)
    if as_json:
        print_json(taken)
        return
    console().print(f"{taken.path}: {taken.bytes:,} bytes", markup=False, soft_wrap=True)


def restore(
    archive: Annotated[Path, typer.Argument(help="What `textprism snapshot` wrote.")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Restore an archive into a data folder that is empty or not there."""
    settings = settings_of(data_dir)
    with progress_bar() as progress:
        manifest = restore_snapshot(archive, settings.data_dir, progress)
    if as_json:
        print_json(
            {"data_dir": str(settings.data_dir), "created_at": manifest.created_at, "bytes": manifest.bytes}
        )
        return
    console().print(
        f"{settings.data_dir}: restored as of {manifest.created_at}, {len(manifest.members)} files",
        markup=False,
        soft_wrap=True,
    )
