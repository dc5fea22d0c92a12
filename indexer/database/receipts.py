"""Writes of many documents: each leaves a task that tells what it did, in the same transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from indexer.database.idempotency import RequestKey, recall, remember
from indexer.database.indexes import index_row
from indexer.database.records import TaskRecord, utc_now
from indexer.database.tasks import find_task, insert_ended
from indexer.errors import BadLine


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the task of a write is to say: its type, when the work began, and the lines that were left out."""

    type: str
    request: RequestKey | None = None
    started_at: str = field(default_factory=utc_now)
    errors: Sequence[BadLine] = ()


def former_task(connection: Connection, receipt: Receipt) -> TaskRecord | None:
    """The task that the same request got before. Raises: InputError, as `recall`."""
    answer = recall(connection, receipt.request)
    return None if answer is None else find_task(connection, answer["task"])


def write_receipt(
    connection: Connection, index: str, receipt: Receipt, result: Mapping[str, Any]
) -> TaskRecord:
    """The task of a write that succeeds with this transaction; its result has the last `seq` of the index."""
    told = {**result, "seq": index_row(connection, index).seq}
    task = insert_ended(connection, receipt.type, index, receipt.started_at, told, receipt.errors)
    remember(connection, receipt.request, {"task": task.id})
    return task
