"""Group commit: small writes of several threads that share one transaction, and so one sync of the disk."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from indexer.database.engine import BUSY_SECONDS, Database
from indexer.errors import BusyError, TextPrismError

T = TypeVar("T")
Work = Callable[[Connection], T]


class GroupCommit:
    """Runs writes, those that wait at the same time in one transaction.

    The first thread to come leads: it runs its own write and those of all who came while the former
    transaction was synced, and commits them together. Each write has a savepoint of its own, so that one
    that is refused takes none of the others with it."""

    def __init__(self, database: Database, patience: float = BUSY_SECONDS) -> None:
        """patience: seconds that a write waits for its turn."""
        self._database = database
        self._patience = patience
        self._waiting: deque[_Entry] = deque()
        self._turn = threading.Lock()

    def run(self, work: Work[T]) -> T:
        """What the work returned, when it is durable.

        Raises: what the work raises, or the transaction, and nothing of it is stored then; BusyError."""
        entry = _Entry(work)
        self._waiting.append(entry)
        if self._turn.acquire(timeout=self._patience):
            try:
                if not entry.future.done():
                    self._commit()
            finally:
                self._turn.release()
        elif entry.future.cancel():  # else it is being run at this moment, and ends soon
            raise BusyError(f"Others write to the catalogue for over {self._patience:g} seconds: try again.")
        result: T = entry.future.result()
        return result

    def _commit(self) -> None:
        """Runs all that waits, and lets each know when it is durable."""
        group = [self._waiting.popleft() for _ in range(len(self._waiting))]
        group = [each for each in group if each.future.set_running_or_notify_cancel()]
        try:
            with self._database.write() as connection:
                for each in group:
                    each.attempt(connection)
        except BaseException as error:
            for each in group:
                each.future.set_exception(error)
            raise
        for each in group:
            each.tell()


class _Entry:
    """A write that waits, and what becomes of it."""

    def __init__(self, work: Work[Any]) -> None:
        self.future: Future[Any] = Future()
        self._work = work
        self._result: object = None
        self._refusal: TextPrismError | None = None

    def attempt(self, connection: Connection) -> None:
        """Runs the write; where it is refused, nothing of it is left in the transaction.

        Raises: what the database fails with; it may have ended the transaction, savepoint and all."""
        savepoint = connection.begin_nested()
        try:
            self._result = self._work(connection)
        except TextPrismError as error:
            try:
                savepoint.rollback()
            except DBAPIError:
                raise error from None
            self._refusal = error
        else:
            savepoint.commit()

    def tell(self) -> None:
        """Hands over what became of it, once the transaction is durable."""
        if self._refusal is not None:
            self.future.set_exception(self._refusal)
        else:
            self.future.set_result(self._result)
