"""The catalogue: every document, index, task and generation, in SQLite or another database."""

from indexer.database.catalogue import Catalogue
from indexer.database.documents import Snapshot
from indexer.database.engine import sqlite_url
from indexer.database.migrate import migrate
from indexer.database.records import (
    GenerationRecord,
    IndexRecord,
    ProfileRecord,
    TaskProgress,
    TaskRecord,
    TaskStatus,
)

__all__ = [
    "Catalogue",
    "GenerationRecord",
    "IndexRecord",
    "ProfileRecord",
    "Snapshot",
    "TaskProgress",
    "TaskRecord",
    "TaskStatus",
    "migrate",
    "sqlite_url",
]
