"""Long work of the service: one task at a time, each build in a process of its own, told in its task row."""

import logging
import queue
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson

from app.search.engines import Engines
from indexer.build import training_settings
from indexer.database import Catalogue, TaskProgress, TaskRecord
from indexer.encoders import KeptModels, check_model_name
from indexer.errors import CanceledError, InputError, TextPrismError, UnknownNameError

logger = logging.getLogger(__name__)

ENDED = frozenset({"succeeded", "failed", "canceled"})
MOST_WAITERS = 16
"""Requests that wait for a task at once: each keeps a thread from the searches meanwhile."""


class TaskRunner:
    """Takes tasks and runs them one after the other, in a thread that waits for a child process."""

    def __init__(
        self, catalogue: Catalogue, engines: Engines, data_dir: Path, database_url: str | None = None
    ) -> None:
        self._catalogue = catalogue
        self._engines = engines
        self._data_dir = data_dir
        self._database_url = database_url
        self._waiting: queue.SimpleQueue[tuple[str, list[str]] | None] = queue.SimpleQueue()
        self._stopping = False
        self._changed = threading.Condition()
        self._places = threading.BoundedSemaphore(MOST_WAITERS)
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
        """A new task that builds a generation. Raises: MissingError, UnknownNameError."""
        known = self._catalogue.indexes.get(index).settings.encoders
        for number, name in enumerate(encoders or ()):
            if name not in known:
                raise UnknownNameError("encoder", name, known, pointer=f"/encoders/{number}")
        task = self._catalogue.tasks.create("reindex", index)
        chosen = [] if encoders is None else ["--encoders", ",".join(encoders)]
        self._waiting.put((task.id, ["build", index, *chosen]))
        return task

    def train(
        self, index: str, encoder: str, options: Mapping[str, Any], model: str | None = None
    ) -> TaskRecord:
        """A new task that trains word vectors and keeps them.

        Raises: MissingError, UnknownNameError, InputError."""
        training_settings(self._catalogue.indexes.get(index), KeptModels(self._data_dir), encoder, options)
        if model is not None:
            check_model_name(model)
        task = self._catalogue.tasks.create("train", index)
        named = [] if model is None else ["--model", model]
        given = ["--options", orjson.dumps(options).decode(), *named]
        self._waiting.put((task.id, ["train", index, encoder, *given]))
        return task

    def cancel(self, task_id: str) -> TaskRecord:
        """The task, asked to stop. Raises: MissingError, InputError where it has ended already."""
        task = self._catalogue.tasks.cancel(task_id)
        self._tell()
        return task

    def wait(self, task_id: str, seconds: float) -> TaskRecord:
        """The task as it is when it has ended, or after so many seconds; at once where too many wait."""
        task = self._catalogue.tasks.get(task_id)
        if task.status in ENDED or not self._places.acquire(blocking=False):
            return task
        try:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._catalogue.tasks.get(task_id).status in ENDED, timeout=seconds
                )
            return self._catalogue.tasks.get(task_id)
        finally:
            self._places.release()

    def _tell(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _work(self) -> None:
        while (entry := self._waiting.get()) is not None and not self._stopping:
            task_id, arguments = entry
            try:
                self._catalogue.tasks.start(task_id)
                self._run(task_id, arguments)
                logger.info("task=%s status=%s", task_id, self._catalogue.tasks.get(task_id).status)
            except InputError as error:  # canceled before its turn, or after its last line
                logger.info("task=%s %s", task_id, error)
            except (TextPrismError, OSError, ValueError):  # whatever became of it, the next one is taken
                logger.exception("task=%s ended by an error of the service", task_id)
                ended = _error("internal_error", "An unexpected error; the log of the service has it.")
                with suppress(TextPrismError, OSError):
                    self._catalogue.tasks.fail(task_id, ended)
            self._tell()

    def _run(self, task_id: str, arguments: Sequence[str]) -> None:
        """Runs one job, from its first line to its last."""
        last: dict[str, Any] = {}
        canceled = False
        with self._child(arguments) as process:
            assert process.stdout is not None
            for line in process.stdout:
                last = orjson.loads(line)
                if "phase" in last and not canceled and self._is_canceled(task_id, last):
                    canceled = True
                    process.terminate()  # its last line says whether that was in time
        if "report" in last:
            self._engines.update(self._catalogue.tasks.get(task_id).index)
            self._catalogue.tasks.succeed(task_id, last["report"])
        elif not canceled:
            ended = _error("build_ended", "The process ended without a report; the log has its words.")
            self._catalogue.tasks.fail(task_id, last.get("error", ended))

    def _is_canceled(self, task_id: str, line: dict[str, Any]) -> bool:
        """Notes how far a task is; whether it is to stop."""
        try:
            self._catalogue.tasks.progress(task_id, TaskProgress(**line))
            if self._stopping:
                self._catalogue.tasks.cancel(task_id)
        except CanceledError:
            return True
        return self._stopping

    @contextmanager
    def _child(self, arguments: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
        """The process of a job, which writes a line at each step; it has ended after the block."""
        command = [sys.executable, "-m", "indexer", *arguments, "--data-dir", str(self._data_dir)]
        if self._database_url is not None:
            command += ["--database-url", self._database_url]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
            try:
                yield process
            except BaseException:
                process.terminate()
                raise


def _error(code: str, message: str) -> dict[str, str]:
    return {"code": code, "message": message}
