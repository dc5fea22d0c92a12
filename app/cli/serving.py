"""`textprism serve` and `textprism migrate`."""

import logging
import os
from typing import Annotated

import typer

from app.cli.options import AsJson, DataDir, settings_of
from app.cli.output import console, print_json
from app.settings import open_catalogue
from indexer.database import migrate, sqlite_url
from indexer.storage.files import make_folder


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("serve")(serve)
    app.command("migrate")(migrate_command)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535)] = 8000,
    data_dir: DataDir = None,
) -> None:
    """Start the service; the API is shown at /docs."""
    settings = settings_of(data_dir)
    logging.basicConfig(
        level=logging.INFO, force=True, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    os.environ["TEXTPRISM_DATA_DIR"] = str(settings.data_dir)
    # What is wrong with the folder is told here, not by the server.
    open_catalogue(settings, create=True).close()
    console().print(
        f"TextPrism serves {settings.data_dir} on http://{host}:{port}, the API at /docs", markup=False
    )
    import uvicorn  # here alone: the other commands start sooner without it

    uvicorn.run(
        "app.main:create_app",
        factory=True,
        host=host,
        port=port,
        log_config=None,  # as set above: the server's own lines look like ours
        access_log=False,
        timeout_graceful_shutdown=20,
    )


def migrate_command(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Create the catalogue, or bring it to this version's form."""
    settings = settings_of(data_dir)
    make_folder(settings.data_dir)
    revision = migrate(settings.database_url or sqlite_url(settings.data_dir))
    if as_json:
        print_json({"revision": revision})
    else:
        console().print(f"The catalogue in {settings.data_dir} is at revision {revision}.", markup=False)
