"""The catalogue: every document, index, task and generation, in SQLite or another database."""

from indexer.database.catalogue import Catalogue
from indexer.database.conditions import ALWAYS, Condition, ETags, matches
from indexer.database.documents import Page, Snapshot
from indexer.database.engine import sqlite_url
from indexer.database.idempotency import RequestKey
from indexer.database.migrate import migrate
from indexer.database.receipts import Receipt
from indexer.database.records import (
    GenerationRecord,
    IndexRecord,
    Outcome,
    ProfileRecord,
    StoredDocument,
    TaskProgress,
    TaskRecord,
    TaskStatus,
    WriteRecord,
)

__all__ = [
    "ALWAYS",
    "Catalogue",
    "Condition",
    "ETags",
    "GenerationRecord",
    "IndexRecord",
    "Outcome",
    "Page",
    "ProfileRecord",
    "Receipt",
    "RequestKey",
    "Snapshot",
    "StoredDocument",
    "TaskProgress",
    "TaskRecord",
    "TaskStatus",
    "WriteRecord",
    "matches",
    "migrate",
    "sqlite_url",
]
