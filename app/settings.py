"""Settings of the service and the command line: from the environment (`TEXTPRISM_…`), else these defaults."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from indexer.database import Catalogue, migrate, sqlite_url
from indexer.storage.files import make_folder, sync_folder

MIB = 1 << 20


class Settings(BaseSettings):
    """Where the data is, and the bounds of what one request may ask for."""

    model_config = SettingsConfigDict(env_prefix="TEXTPRISM_", frozen=True, extra="forbid")

    data_dir: Path = Field(Path("data"), description="Folder of the catalogue and the indexes.")
    database_url: str | None = Field(
        None, description="Catalogue elsewhere than in `textprism.db` of the data folder."
    )
    max_json_bytes: int = Field(64 * MIB, ge=1, description="Largest JSON body; NDJSON and CSV are streamed.")
    max_document_bytes: int = Field(8 * MIB, ge=1, description="Largest single document.")
    max_hits: int = Field(
        1_000, ge=1, le=1_000, description="Largest `limit`, `offset` and `depth` of a search."
    )
    max_query_bytes: int = Field(16_384, ge=1, le=16_384, description="Longest query.")
    max_delete_ids: int = Field(10_000, ge=1, description="Keys in one request to delete documents.")
    max_task_errors: int = Field(1_000, ge=1, description="Bad lines that are listed; all are counted.")
    max_cursor_bytes: int = Field(64 * MIB, ge=0, description="Lists kept for cursors, all together.")
    scrub_bytes_per_second: int = Field(
        4 * MIB, ge=0, description="How fast stored documents and files are read again for damage; 0: never."
    )
    max_build_bytes: int | None = Field(
        None,
        ge=1,
        description="Memory of each process of a build or training of the service; none: no limit.",
    )
    max_wait_seconds: float = Field(60.0, ge=0, le=600, description="Longest `?wait=` for a task.")


def open_catalogue(settings: Settings, *, create: bool = False) -> Catalogue:
    """The catalogue of the settings; with `create` a new one where there is none yet.

    Raises: FormatError where it is of another version, with the way out."""
    url = settings.database_url or sqlite_url(settings.data_dir)
    if create:
        make_folder(settings.data_dir)
        if settings.database_url is None and not (settings.data_dir / "textprism.db").exists():
            migrate(url)
            sync_folder(settings.data_dir)
    return Catalogue.open(settings.data_dir, settings.database_url)
