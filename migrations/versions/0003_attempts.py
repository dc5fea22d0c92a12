"""What a task was asked for, and how often it was begun: it is taken up again after a crash."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasks", sa.Column("request", sa.JSON))
    op.add_column("tasks", sa.Column("attempts", sa.Integer, nullable=False, server_default="0"))
