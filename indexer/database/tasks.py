"""Long pieces of work: asked for, under way, ended; with the lines that an import could not take."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, insert, select, update

from indexer.database.engine import Database
from indexer.database.records import TaskProgress, TaskRecord, TaskStatus, utc_now
from indexer.database.schema import task_errors, tasks
from indexer.errors import BadLine, CanceledError, ConflictError, MissingError

ID = re.compile(r"task-([0-9]{6,18})")


class Tasks:
    """The tasks of a catalogue. Every method that takes an id raises MissingError where it is not there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        type: str,
        index: str | None,
        request: Mapping[str, Any] | None = None,
        *,
        alone: bool = False,
    ) -> TaskRecord:
        """A new task that waits to be started.

        alone: raises ConflictError where another of the type has not ended for the index."""
        name = index or ""
        with self._database.write() as connection:
            if alone:
                refuse_unfinished(connection, name, tasks.c.type == type)
            statement = insert(tasks).values(
                type=type, index_name=name, status="enqueued", created_at=utc_now(), request=request
            )
            number = connection.execute(statement.returning(tasks.c.number)).scalar_one()
            return _record(_row(connection, _id(number)))

    def get(self, task_id: str) -> TaskRecord:
        """One task."""
        with self._database.read() as connection:
            return _record(_row(connection, task_id))

    def list(
        self, index: str | None = None, status: TaskStatus | None = None, limit: int = 100
    ) -> Sequence[TaskRecord]:
        """Tasks, newest first; of one index or one status where these are given."""
        query = select(tasks).order_by(tasks.c.number.desc()).limit(limit)
        if index is not None:
            query = query.where(tasks.c.index_name == index)
        if status is not None:
            query = query.where(tasks.c.status == status)
        with self._database.read() as connection:
            return [_record(row) for row in connection.execute(query)]

    def unfinished(self) -> Sequence[TaskRecord]:
        """All tasks that have not ended, oldest first."""
        with self._database.read() as connection:
            return [_record(row) for row in connection.execute(_unfinished())]

    def start(self, task_id: str) -> TaskRecord:
        """The task, under way now. Raises: ConflictError where it does not wait."""
        begun = tasks.c.attempts + 1
        return self._move(task_id, ["enqueued"], status="processing", started_at=utc_now(), attempts=begun)

    def requeue(self, task_id: str, *, attempts: int) -> TaskRecord:
        """The task that was under way, waiting again, as if it was begun so often.

        Raises: ConflictError where it has ended already."""
        return self._move(
            task_id, ["enqueued", "processing"], status="enqueued", progress=None, attempts=attempts
        )

    def progress(self, task_id: str, progress: TaskProgress) -> None:
        """Notes how far a task is. Raises: CanceledError where somebody asked it to stop."""
        with self._database.write() as connection:
            if _row(connection, task_id).status == "canceled":
                raise CanceledError(f"Task `{task_id}` was canceled.")
            connection.execute(update(tasks).where(_is(task_id)).values(progress=asdict(progress)))

    def succeed(self, task_id: str, result: Mapping[str, Any]) -> TaskRecord:
        """The task, done. One that was canceled too late has succeeded all the same."""
        return self._move(
            task_id, ["processing", "canceled"], status="succeeded", finished_at=utc_now(), result=result
        )

    def fail(self, task_id: str, error: Mapping[str, Any]) -> TaskRecord:
        """The task, ended by an error. Raises: ConflictError where it has ended already."""
        return self._move(
            task_id, ["enqueued", "processing"], status="failed", finished_at=utc_now(), error=error
        )

    def cancel(self, task_id: str) -> TaskRecord:
        """The task, asked to stop; `progress` tells it. Raises: ConflictError where it has ended already."""
        return self._move(task_id, ["enqueued", "processing"], status="canceled", finished_at=utc_now())

    def add_errors(self, task_id: str, lines: Iterable[BadLine]) -> None:
        """Keeps the lines that an import could not take."""
        with self._database.write() as connection:
            _insert_errors(connection, _row(connection, task_id).number, lines)

    def errors(self, task_id: str) -> Sequence[BadLine]:
        """The lines that an import could not take, in the order they were kept."""
        columns = task_errors.c
        with self._database.read() as connection:
            query = (
                select(columns.source, columns.line, columns.code, columns.detail, columns.doc_id)
                .where(columns.task_number == _row(connection, task_id).number)
                .order_by(columns.id)
            )
            return [BadLine(*row) for row in connection.execute(query)]

    def _move(self, task_id: str, allowed: Sequence[TaskStatus], **values: Any) -> TaskRecord:
        with self._database.write() as connection:
            status = _row(connection, task_id).status
            if status not in allowed:
                raise ConflictError(
                    f"Task `{task_id}` is {status}; to become {values['status']} it must be "
                    f"{' or '.join(allowed)}.",
                    code="task_status",
                )
            connection.execute(update(tasks).where(_is(task_id)).values(values))
            return _record(_row(connection, task_id))


def refuse_unfinished(connection: Connection, index: str, *those: ColumnElement[bool]) -> None:
    """Raises ConflictError where a task of the index has not ended: any, or one of those."""
    row = connection.execute(_unfinished(tasks.c.index_name == index, *those).limit(1)).one_or_none()
    if row is not None:
        what = f"{row.type} of `{index}`" if index else row.type
        raise ConflictError(
            f"Task `{_id(row.number)}` ({what}) is {row.status}: wait until it has ended, or cancel it.",
            code="already_running",
        )


def _unfinished(*those: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    wanted = tasks.c.status.in_(["enqueued", "processing"])
    return select(tasks).where(wanted, *those).order_by(tasks.c.number)


def find_task(connection: Connection, task_id: str) -> TaskRecord:
    """One task. Raises: MissingError."""
    return _record(_row(connection, task_id))


def insert_ended(
    connection: Connection,
    type: str,
    index: str,
    started_at: str,
    result: Mapping[str, Any],
    errors: Iterable[BadLine],
) -> TaskRecord:
    """A new task that has succeeded: the work is done in this transaction."""
    statement = insert(tasks).values(
        type=type,
        index_name=index,
        status="succeeded",
        created_at=started_at,
        started_at=started_at,
        finished_at=utc_now(),
        result=result,
    )
    number = connection.execute(statement.returning(tasks.c.number)).scalar_one()
    _insert_errors(connection, number, errors)
    return find_task(connection, _id(number))


def _insert_errors(connection: Connection, number: int, lines: Iterable[BadLine]) -> None:
    if rows := [{"task_number": number, **asdict(line)} for line in lines]:
        connection.execute(insert(task_errors), rows)


def _id(number: int) -> str:
    return f"task-{number:06d}"


def _is(task_id: str) -> ColumnElement[bool]:
    match = ID.fullmatch(task_id)
    if match is None:
        raise MissingError("task", task_id)
    return tasks.c.number == int(match[1])


def _row(connection: Connection, task_id: str) -> Row[*tuple[Any, ...]]:
    row = connection.execute(select(tasks).where(_is(task_id))).one_or_none()
    if row is None:
        raise MissingError("task", task_id)
    return row


def _record(row: Row[*tuple[Any, ...]]) -> TaskRecord:
    return TaskRecord(
        id=_id(row.number),
        type=row.type,
        index=row.index_name or None,
        status=row.status,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        progress=TaskProgress(**row.progress) if row.progress else None,
        result=row.result,
        error=row.error,
        request=row.request,
        attempts=row.attempts,
    )
