"""Long work of the service: one task at a time, each in a process of its own, told in its task row."""

import logging
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from app.search.engines import Engines
from indexer.build import check_target, check_training, clear_removed, lacked_memory
from indexer.database import Catalogue, TaskProgress, TaskRecord
from indexer.encoders import KeptModels, check_model_name
from indexer.errors import CanceledError, ConflictError, TextPrismError, UnknownNameError
from indexer.generation import IndexFolder
from indexer.snapshots import Snapshots

logger = logging.getLogger(__name__)

ENDED = frozenset({"succeeded", "failed", "canceled"})
MOST_WAITERS = 16
"""Requests that wait for a task at once: each keeps a thread from the searches meanwhile."""

MOST_ATTEMPTS = 3
"""How often a task is begun whose process, or service, ends under it."""

GRACE_SECONDS = 0.5
"""After so long, a job that was asked to end is ended: a signal waits while one long call is under way."""


class TaskRunner:
    """Takes tasks and runs them one after the other, in a thread that waits for a child process.

    max_build_bytes: memory of each process of a job; None: no limit."""

    def __init__(
        self,
        catalogue: Catalogue,
        engines: Engines,
        data_dir: Path,
        database_url: str | None = None,
        max_build_bytes: int | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._engines = engines
        self._data_dir = data_dir
        self._options = ["--data-dir", str(data_dir), "--background"]
        if database_url is not None:
            self._options += ["--database-url", database_url]
        if max_build_bytes is not None:
            self._options += ["--max-bytes", str(max_build_bytes)]
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._running: dict[str, _Job] = {}  # at most one, by its task
        self._stopping = False
        self._changed = threading.Condition()
        self._places = threading.BoundedSemaphore(MOST_WAITERS)
        self._thread = threading.Thread(target=self._work, name="tasks", daemon=True)

    def start(self) -> None:
        """Begins to take tasks, first those that a former process of the service left unfinished; what its
        builds had left half-way is removed."""
        clear_removed(self._data_dir)
        Snapshots(self._data_dir).clear_leftovers()
        for index in self._catalogue.indexes.list():
            IndexFolder(self._data_dir, index.name).clear_leftovers()
        for task in self._catalogue.tasks.unfinished():
            self._take_up(task)
        self._thread.start()

    def stop(self) -> None:
        """Ends what is under way, to be taken up at the next start, and waits until it has ended."""
        self._stopping = True
        self._waiting.put(None)
        for job in list(self._running.values()):
            job.stop()
        self._thread.join()

    def reindex(
        self, index: str, encoders: Collection[str] | None, *, keep_encoders: bool = False
    ) -> TaskRecord:
        """A new task that builds a generation; `keep_encoders`: with those of the published one.

        Raises: MissingError, UnknownNameError; ConflictError where there is such a task already."""
        known = self._catalogue.indexes.get(index).settings.encoders
        for number, name in enumerate(encoders or ()):
            if name not in known:
                raise UnknownNameError("encoder", name, known, pointer=f"/encoders/{number}")
        request = {
            "encoders": None if encoders is None else list(encoders),
            "keep_encoders": keep_encoders,
        }
        return self._enqueued(self._catalogue.tasks.create("reindex", index, request, alone=True))

    def fold(self, index: str) -> None:
        """Asks for a build with the encoders that the index is served with, unless one is asked for."""
        built = self._engines.get(index).generation.is_built
        with suppress(ConflictError):
            self.reindex(index, None if built else [], keep_encoders=built)

    def train(
        self, index: str, encoder: str, options: Mapping[str, Any], model: str | None = None
    ) -> TaskRecord:
        """A new task that trains word vectors, a BERT or an RNN and keeps them.

        Raises: MissingError, UnknownNameError, InputError."""
        check_training(self._catalogue.indexes.get(index), KeptModels(self._data_dir), encoder, options)
        if model is not None:
            check_model_name(model)
        request = {"encoder": encoder, "options": dict(options), "model": model}
        return self._enqueued(self._catalogue.tasks.create("train", index, request))

    def label(self, index: str, model: str, field: str) -> TaskRecord:
        """A new task that writes the labels which a classifier guesses into a field of every document.

        Raises: MissingError, InputError where the field cannot hold labels; ConflictError where there is such
        a task already."""
        check_target(self._catalogue, index, field)
        KeptModels(self._data_dir).get(model)
        request = {"model": model, "field": field}
        return self._enqueued(self._catalogue.tasks.create("label", index, request, alone=True))

    def snapshot(self) -> TaskRecord:
        """A new task that takes a snapshot. Raises: ConflictError where there is such a task already."""
        # Without a request: what a snapshot holds of its own task is not to be taken up when it is restored.
        return self._enqueued(self._catalogue.tasks.create("snapshot", None, alone=True))

    def cancel(self, task_id: str) -> TaskRecord:
        """The task, asked to stop. Raises: MissingError, ConflictError where it has ended already."""
        task = self._catalogue.tasks.cancel(task_id)
        if (job := self._running.get(task_id)) is not None:
            job.stop()
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

    def _enqueued(self, task: TaskRecord) -> TaskRecord:
        self._waiting.put(task.id)
        return task

    def _take_up(self, task: TaskRecord) -> None:
        """Lets a task that did not end by itself wait for its turn again, at most a few times."""
        if task.request is None:
            told = "The service stopped: ask again."
        elif task.attempts < MOST_ATTEMPTS:
            self._enqueued(self._catalogue.tasks.requeue(task.id, attempts=task.attempts))
            return
        else:
            told = f"It was begun {task.attempts} times and never came to its end: the log may say why."
        self._catalogue.tasks.fail(task.id, _error("interrupted", told))

    def _tell(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _work(self) -> None:
        while (task_id := self._waiting.get()) is not None and not self._stopping:
            try:
                self._run(self._catalogue.tasks.start(task_id))
                logger.info("task=%s status=%s", task_id, self._catalogue.tasks.get(task_id).status)
            except ConflictError as error:  # canceled before its turn, or after its last line
                logger.info("task=%s %s", task_id, error)
            except (TextPrismError, OSError, ValueError):  # whatever became of it, the next one is taken
                logger.exception("task=%s ended by an error of the service", task_id)
                ended = _error("internal_error", "An unexpected error; the log of the service has it.")
                with suppress(TextPrismError, OSError):
                    self._catalogue.tasks.fail(task_id, ended)
            self._tell()

    def _run(self, task: TaskRecord) -> None:
        """Runs one job, from its first line to its last."""
        last: dict[str, Any] = {}
        with _Job([*_arguments(task), *self._options]) as job:
            self._running[task.id] = job
            try:
                if self._stopping or self._catalogue.tasks.get(task.id).status == "canceled":
                    job.stop()  # asked for before it could be found
                for last in job.lines():
                    if "phase" in last:
                        self._note(task, job, last)
            finally:
                del self._running[task.id]
        if "report" in last:
            if task.index is not None:
                self._engines.update(task.index)
            self._catalogue.tasks.succeed(task.id, last["report"])
            return
        self._clear_leftovers(task)
        if self._catalogue.tasks.get(task.id).status == "canceled":
            return
        if self._stopping:
            self._catalogue.tasks.requeue(task.id, attempts=task.attempts - 1)
        elif "error" in last:
            self._catalogue.tasks.fail(task.id, last["error"])
        elif job.status == -signal.SIGKILL:  # which nobody here has sent
            self._take_up(task)
        elif lacked_memory(job.status, limited="--max-bytes" in self._options):
            told = "The process ended by an abort or a fault, most likely for want of memory; allow it more."
            self._catalogue.tasks.fail(task.id, _error("out_of_memory", told))
        else:
            ended = _error("build_ended", "The process ended without a report; the log has its words.")
            self._catalogue.tasks.fail(task.id, ended)

    def _clear_leftovers(self, task: TaskRecord) -> None:
        if task.index is None:
            Snapshots(self._data_dir).clear_leftovers()
        else:
            IndexFolder(self._data_dir, task.index).clear_leftovers()

    def _note(self, task: TaskRecord, job: "_Job", line: Mapping[str, Any]) -> None:
        """Notes how far a task is; one that another process canceled is stopped."""
        try:
            self._catalogue.tasks.progress(task.id, TaskProgress(**line))
        except CanceledError:
            job.stop()


class _Job:
    """The process of a job, which writes a line at each step; it has ended after the block."""

    def __init__(self, arguments: Sequence[str]) -> None:
        # It ends when its input does, which the system closes however this process ends.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "indexer", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._end = threading.Timer(GRACE_SECONDS, self._process.kill)
        self._end.daemon = True
        self._asked = threading.Lock()

    def __enter__(self) -> "_Job":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.stop()
        self._process.__exit__(None, None, None)
        self._end.cancel()

    def lines(self) -> Iterator[dict[str, Any]]:
        """What it says, until it has ended; half a line, which a killed one leaves, is none."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith(b"\n"):
                yield orjson.loads(line)

    def stop(self) -> None:
        """Asks it to end, which it then does soon; its last line says whether that was in time."""
        if self._asked.acquire(blocking=False):
            self._process.terminate()
            self._end.start()

    @property
    def status(self) -> int:
        """Its exit status, below 0 where a signal ended it."""
        return int(self._process.returncode)


def _arguments(task: TaskRecord) -> list[str]:
    """How the process of a task is called."""
    if task.index is None:
        return [task.type]
    asked = task.request or {}
    if task.type == "train":
        model = [] if asked["model"] is None else ["--model", asked["model"]]
        options = orjson.dumps(asked["options"]).decode()
        return ["train", task.index, asked["encoder"], "--options", options, *model]
    if task.type == "label":
        return ["label", task.index, asked["model"], asked["field"]]
    chosen = [] if asked["encoders"] is None else ["--encoders", ",".join(asked["encoders"])]
    return ["build", task.index, *chosen, *(["--keep-encoders"] if asked["keep_encoders"] else [])]


def _error(code: str, message: str) -> dict[str, str]:
    return {"code": code, "message": message}
