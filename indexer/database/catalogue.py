"""The catalogue: the only truth of a data directory; everything else can be built again from it."""

from pathlib import Path
from typing import Self

from indexer.database.documents import Documents
from indexer.database.engine import Database, sqlite_url
from indexer.database.generations import Generations
from indexer.database.indexes import Indexes
from indexer.database.migrate import check_revision
from indexer.database.profiles import Profiles
from indexer.database.tasks import Tasks
from indexer.database.writing import Writes
from indexer.errors import TextPrismError


class Catalogue:
    """The indexes, documents, tasks, generations and profiles of one data directory; for any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.indexes = Indexes(database)
        self.documents = Documents(database)
        self.writes = Writes(database)
        self.tasks = Tasks(database)
        self.generations = Generations(database)
        self.profiles = Profiles(database)

    @classmethod
    def open(cls, data_dir: Path, url: str | None = None) -> Self:
        """The catalogue of a data directory, or the one at a URL.

        Raises: FormatError where its tables are not those that this code knows."""
        database = Database(url or sqlite_url(data_dir))
        try:
            check_revision(database)
        except TextPrismError:
            database.close()
            raise
        return cls(database)

    def copy_to(self, path: Path) -> None:
        """Writes all of it into a new SQLite file, as it is at one moment, while others write.

        Raises: InputError where it is another database than SQLite, which has tools of its own for that."""
        self._database.copy_to(path)

    def faults(self) -> list[str]:
        """What is wrong with its file as a whole; whether each document is as it was stored is another
        question."""
        return self._database.faults()

    def close(self) -> None:
        """Closes its connections."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
