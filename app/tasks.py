"""Long work of the service: one task at a time, each build in a process of its own, told in its task row."""

import logging
import queue
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from indexer.database import Catalogue, TaskRecord
from indexer.errors import CanceledError

logger = logging.getLogger(__name__)

ENDED = frozenset({"succeeded", "failed", "canceled"})


class TaskRunner:
    """Takes reindex tasks and runs them one after the other, in a thread that waits for a child process."""

    def __init__(self, catalogue: Catalogue, data_dir: Path, database_url: str | None = None) -> None:
        self._catalogue = catalogue
        self._data_dir = data_dir
        self._database_url = database_url
        self._waiting: queue.SimpleQueue[tuple[str, list[str]] | None] = queue.SimpleQueue()
        self._stopping = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="tasks", daemon=True)

    def start(self) -> None:
        """Begins to take tasks; those that a former process left unfinished are told apart as failed."""
        for status in ("enqueued", "processing"):
            for task in self._catalogue.tasks.list(status=status, limit=1_000):
                self._catalogue.tasks.fail(task.id, _error("interrupted", "The service stopped: ask again."))
        self._thread.start()

    def stop(self) -> None:
        """Cancels what is under way and waits until it has ended."""
        self._stopping = True
        self._waiting.put(None)
        self._thread.join()

    def reindex(self, index: str, encoders: Collection[str] | None) -> TaskRecord:
        """A new task that builds a generation. Raises: MissingError."""
        self._catalogue.indexes.get(index)
        task = self._catalogue.tasks.create("reindex", index)
        chosen = [] if encoders is None else ["--encoders", ",".join(encoders)]
        self._waiting.put((task.id, [index, *chosen]))
        return task

    def cancel(self, task_id: str) -> TaskRecord:
        """The task, asked to stop. Raises: MissingError, InputError where it has ended already."""
        task = self._catalogue.tasks.cancel(task_id)
        self._tell()
        return task

    def wait(self, task_id: str, seconds: float) -> TaskRecord:
        """The task as it is when it has ended, or after so many seconds."""
        task = self._catalogue.tasks.get(task_id)
        with self._changed:
            self._changed.wait_for(
                lambda: self._catalogue.tasks.get(task_id).status in ENDED, timeout=seconds
            )
        return self._catalogue.tasks.get(task.id)

    def _tell(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _work(self) -> None:
        while (entry := self._waiting.get()) is not None and not self._stopping:
            task_id, arguments = entry
            if self._catalogue.tasks.get(task_id).status == "enqueued":
                self._catalogue.tasks.start(task_id)
                self._run(task_id, arguments)
                logger.info("task=%s status=%s", task_id, self._catalogue.tasks.get(task_id).status)
            self._tell()

    def _run(self, task_id: str, arguments: Sequence[str]) -> None:
        """Runs one build, from its first line to its last."""
        last: dict[str, Any] = {}
        try:
            with self._child(arguments) as lines:
                for line in lines:
                    last = orjson.loads(line)
                    if "phase" in last:
                        self._progress(task_id, last)
        except CanceledError:
            if self._stopping:
                self._catalogue.tasks.cancel(task_id)
            return
        if "report" in last:
            self._catalogue.tasks.succeed(task_id, last["report"])
        else:
            ended = _error("build_ended", "The build process ended without a report; the log has its words.")
            self._catalogue.tasks.fail(task_id, last.get("error", ended))

    def _progress(self, task_id: str, line: dict[str, Any]) -> None:
        if self._stopping:
            raise CanceledError("The service is stopping.")
        self._catalogue.tasks.progress(task_id, line["phase"], line["done"], line["total"])

    @contextmanager
    def _child(self, arguments: Sequence[str]) -> Iterator[Iterator[bytes]]:
        """The lines of a build process; it is ended with the block, and has ended after it."""
        command = [sys.executable, "-m", "indexer", *arguments, "--data-dir", str(self._data_dir)]
        if self._database_url is not None:
            command += ["--database-url", self._database_url]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            try:
                yield iter(process.stdout)
            finally:
                process.terminate()


def _error(code: str, message: str) -> dict[str, str]:
    return {"code": code, "message": message}
