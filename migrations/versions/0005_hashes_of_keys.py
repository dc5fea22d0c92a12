"""The hash of a document covers its key, so that a damaged key is noticed too."""

import hashlib
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROWS = 1_000

documents = sa.table(
    "documents",
    sa.column("index_id", sa.Integer),
    sa.column("doc_id", sa.Text),
    sa.column("body", sa.Text),
    sa.column("content_hash", sa.Text),
    sa.column("deleted", sa.Boolean),
)


def upgrade() -> None:
    connection = op.get_bind()
    place = (documents.c.index_id, documents.c.doc_id)
    after = (-1, "")
    query = sa.select(documents).where(~documents.c.deleted).order_by(*place).limit(ROWS)
    change = sa.update(documents).where(
        documents.c.index_id == sa.bindparam("of_index"), documents.c.doc_id == sa.bindparam("of_document")
    )
    while rows := connection.execute(query.where(sa.tuple_(*place) > after)).all():
        hashes = [
            {"of_index": row.index_id, "of_document": row.doc_id, "content_hash": hashed}
            for row in rows
            if (hashed := _with_key(row)) is not None
        ]
        if hashes:
            connection.execute(change, hashes)
        after = (rows[-1].index_id, rows[-1].doc_id)


def _with_key(row: sa.Row[Any]) -> str | None:
    """The new hash; None where the body is damaged, which the old one goes on to say."""
    try:
        fields = orjson.loads(row.body)
    except orjson.JSONDecodeError:
        return None
    if _sha256(fields) != row.content_hash:
        return None
    return _sha256([row.doc_id, fields])


def _sha256(value: object) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
