"""The catalogue: indexes, documents, generations, tasks."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

DOC_ID = sa.Text(collation="BINARY").with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "indexes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_indexes"),
        sa.UniqueConstraint("name", name="uq_indexes_name"),
    )
    op.create_table(
        "documents",
        sa.Column("index_id", sa.Integer, nullable=False),
        sa.Column("doc_id", DOC_ID, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("index_id", "doc_id", name="pk_documents"),
        sa.ForeignKeyConstraint(["index_id"], ["indexes.id"], name="fk_documents_index_id"),
    )
    op.create_index("ix_documents_seq", "documents", ["index_id", "seq"])
    op.create_table(
        "generations",
        sa.Column("index_id", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("through_seq", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("report", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("index_id", "name", name="pk_generations"),
        sa.ForeignKeyConstraint(["index_id"], ["indexes.id"], name="fk_generations_index_id"),
    )
    op.create_table(
        "tasks",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("index_name", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("started_at", sa.Text),
        sa.Column("finished_at", sa.Text),
        sa.Column("progress", sa.JSON),
        sa.Column("result", sa.JSON),
        sa.Column("error", sa.JSON),
        sa.PrimaryKeyConstraint("number", name="pk_tasks"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "task_errors",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("task_number", sa.Integer, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("line", sa.BigInteger, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("doc_id", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_task_errors"),
        sa.ForeignKeyConstraint(["task_number"], ["tasks.number"], name="fk_task_errors_task_number"),
    )
    op.create_index("ix_task_errors_task", "task_errors", ["task_number"])
