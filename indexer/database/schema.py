"""The tables of the catalogue, as the newest migration leaves them."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

REVISION = "0005"
"""The newest migration, which is what this code reads and writes."""

# Ordered and compared by UTF-8 bytes, so that an index's ordinals follow its doc_ids everywhere.
DocId = Text(collation="BINARY").with_variant(Text(collation="C"), "postgresql")
Json = JSON(none_as_null=True)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

indexes = Table(
    "indexes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("settings", Json, nullable=False),
    Column("seq", BigInteger, nullable=False),  # the last one given to a change of its documents
    Column("created_at", Text, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("index_id", ForeignKey("indexes.id"), primary_key=True),
    Column("doc_id", DocId, primary_key=True),
    Column("body", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Index("ix_documents_seq", "index_id", "seq"),
)

generations = Table(
    "generations",
    metadata,
    Column("index_id", ForeignKey("indexes.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("through_seq", BigInteger, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("report", Json, nullable=False),
)

profiles = Table(
    "profiles",
    metadata,
    Column("index_id", ForeignKey("indexes.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),  # from 1
    Column("settings", Json, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("active", Boolean, nullable=False),  # one version of each name
)

tasks = Table(
    "tasks",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("type", Text, nullable=False),
    Column("index_name", Text, nullable=False),  # no key: a task outlives its index; empty: of none
    Column("status", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("started_at", Text),
    Column("finished_at", Text),
    Column("progress", Json),
    Column("result", Json),
    Column("error", Json),
    Column("request", Json),  # what was asked for; without it a task is not taken up again
    Column("attempts", Integer, nullable=False, server_default="0"),  # how often it was begun
    sqlite_autoincrement=True,  # a number is never given twice
)

task_errors = Table(
    "task_errors",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("task_number", ForeignKey("tasks.number"), nullable=False),
    Column("source", Text, nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("doc_id", Text),
    Index("ix_task_errors_task", "task_number"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("fingerprint", Text, nullable=False),  # of the request
    Column("answer", Json, nullable=False),
    Column("created_at", Text, nullable=False),
    Index("ix_idempotency_keys_created_at", "created_at"),
)
