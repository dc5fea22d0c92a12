"""Brings the catalogue's tables to the form that this code knows, and tells which form they have."""

from sqlalchemy import Connection, inspect, text

from indexer.database.engine import Database
from indexer.database.schema import REVISION
from indexer.errors import FormatError


def migrate(url: str) -> str:
    """The revision that the catalogue at a URL is at now, which is the newest; it is created if need be.

    Raises: FormatError where a newer program wrote it."""
    database = Database(url)
    try:
        with database.write() as connection:
            _refuse_newer(_revision(connection))
            _upgrade(connection)
            return _revision(connection)
    finally:
        database.close()


def check_revision(database: Database) -> None:
    """Raises FormatError where the catalogue's tables are not those that this code knows."""
    if database.file is not None and not database.file.exists():
        raise FormatError(f"There is no catalogue at {database.file}: run `textprism migrate` to create it.")
    with database.read() as connection:
        found = _revision(connection)
    _refuse_newer(found)
    if found != REVISION:
        raise FormatError(
            f"The catalogue is at revision {found or 'none'}, this program needs {REVISION}: "
            "run `textprism migrate`."
        )


def _revision(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def _refuse_newer(found: str) -> None:
    if found > REVISION:
        raise FormatError(
            f"The catalogue is at revision {found}, this program knows up to {REVISION}: "
            "use the newer TextPrism that wrote it."
        )


def _upgrade(connection: Connection) -> None:
    # Here, not above: only a migration needs them, and they take as long to load as all the rest.
    from alembic import command
    from alembic.config import Config

    import migrations

    config = Config()
    config.set_main_option("script_location", migrations.__path__[0].replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
