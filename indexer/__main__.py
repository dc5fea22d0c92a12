"""The batch jobs as processes of their own, which report as JSON lines on standard output.

    python -m indexer build INDEX --data-dir DIR [--database-url URL] [--encoders a,b] [--keep-encoders]
    python -m indexer label INDEX MODEL FIELD --data-dir DIR [--database-url URL]
    python -m indexer snapshot --data-dir DIR
    python -m indexer train INDEX ENCODER --data-dir DIR [--database-url URL] [--options JSON] [--model NAME]

Each line is {"phase", "done", "total", "per_second", "loss", "eta_seconds"}; the last is {"report": …} or
{"error": {"code", "message"}}. SIGTERM cancels: nothing is published and nothing is left behind.

    --max-bytes N   memory of each process of the job; where it needs more it ends with `out_of_memory`
    --background    gives way to searches, waits for another build of the index, and ends with the process
                    that started it, which holds the other end of standard input"""

import errno
import os
import resource
import signal
import sys
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any

import orjson

from indexer.build import (
    BuildReport,
    LabellingReport,
    TrainingReport,
    build_generation,
    label_index,
    train,
)
from indexer.database import Catalogue
from indexer.errors import CanceledError, TextPrismError
from indexer.snapshots import Snapshot, Snapshots
from indexer.types import Progress

SECONDS_BETWEEN_REPORTS = 0.2
NICENESS = 10
_NO_THREAD = "can't start new thread"  # for want of memory too, and no class of its own
_OUT_OF_MEMORY = {
    "error": {
        "code": "out_of_memory",
        "message": "There was too little memory: allow the job more, or give the index fewer views.",
    }
}
_NO_ROOM = {
    "error": {
        "code": "insufficient_storage",
        "message": "The disk is full; what was there before serves on. Free some space, then try again.",
    }
}


class _Reporter:
    """Writes progress, at most a few lines a second, but each phase at least once."""

    def __init__(self) -> None:
        self._phase = ""
        self._next = self._began = 0.0
        self._first = 0

    def __call__(self, phase: str, done: int, total: int | None, loss: float | None = None) -> None:
        now = monotonic()
        if phase != self._phase:
            self._began, self._first = now, done
        if phase != self._phase or now >= self._next or done == total:
            self._phase, self._next = phase, now + SECONDS_BETWEEN_REPORTS
            seconds = now - self._began
            rate = (done - self._first) / seconds if seconds else None
            _write(
                {
                    "phase": phase,
                    "done": done,
                    "total": total,
                    "per_second": None if rate is None else round(rate, 1),
                    "loss": loss,
                    "eta_seconds": round((total - done) / rate, 1) if rate and total is not None else None,
                }
            )


def _write(line: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
    sys.stdout.buffer.flush()


def _cancel(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise CanceledError("The job was canceled; what was there before serves on.")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 done, 1 failed or canceled."""
    given = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _cancel)
    if given.background:
        _stay_behind()
    try:
        with Catalogue.open(given.data_dir, given.database_url) as catalogue:
            if given.max_bytes is not None:
                _limit_memory(given.max_bytes)
            report = given.job(catalogue, given, _Reporter())
    except TextPrismError as error:
        _write({"error": {"code": error.code, "message": error.message}})
        return 1
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _write(_NO_ROOM)
        return 1
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and str(error) != _NO_THREAD:
            raise
        _write(_OUT_OF_MEMORY)
        return 1
    _write({"report": asdict(report)})
    return 0


def _limit_memory(n_bytes: int) -> None:
    """From now on an allocation beyond the limit fails. What is mapped from files is not counted: the system
    takes it back when it needs the room."""
    threading.excepthook = _end_of_thread
    resource.setrlimit(resource.RLIMIT_DATA, (n_bytes, n_bytes))


def _end_of_thread(ended: threading.ExceptHookArgs) -> None:
    """A thread without memory ends the job: who waits for what it was to do would wait for ever."""
    if issubclass(ended.exc_type, MemoryError):
        _write(_OUT_OF_MEMORY)
        os._exit(1)
    threading.__excepthook__(ended)


def _stay_behind() -> None:
    """Lets the service have the processors, and ends when it does, in whatever way that was."""
    os.nice(NICENESS)  # which the order of reads and writes follows
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)  # as if killed: what is left behind is cleared by the next build


def _build(catalogue: Catalogue, given: Namespace, progress: Progress) -> BuildReport:
    encoders = None if given.encoders is None else [name for name in given.encoders.split(",") if name]
    keep = given.keep_encoders
    return build_generation(
        catalogue, given.data_dir, given.index, encoders, progress, keep_encoders=keep, wait=given.background
    )


def _train(catalogue: Catalogue, given: Namespace, progress: Progress) -> TrainingReport:
    options = orjson.loads(given.options)
    return train(catalogue, given.data_dir, given.index, given.encoder, options, given.model, progress)


def _label(catalogue: Catalogue, given: Namespace, progress: Progress) -> LabellingReport:
    return label_index(catalogue, given.data_dir, given.index, given.model, given.field, progress)


def _snapshot(catalogue: Catalogue, given: Namespace, progress: Progress) -> Snapshot:
    return Snapshots(given.data_dir).take(catalogue, None, progress)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m indexer", description="The batch jobs.")
    jobs = parser.add_subparsers(required=True)
    build = jobs.add_parser("build", help="build a generation")
    training = jobs.add_parser("train", help="train word vectors, a BERT or an RNN and keep them")
    label = jobs.add_parser("label", help="write labels that a classifier guesses")
    snapshot = jobs.add_parser("snapshot", help="put everything into one archive")
    for job, run in ((build, _build), (training, _train), (label, _label), (snapshot, _snapshot)):
        job.set_defaults(job=run)
        job.add_argument("--data-dir", type=Path, required=True)
        job.add_argument("--database-url")
        job.add_argument("--max-bytes", type=int)
        job.add_argument("--background", action="store_true")
    build.add_argument("index")
    build.add_argument("--encoders", help="names parted by commas; all of the settings where not given")
    build.add_argument("--keep-encoders", action="store_true", help="those of the published generation")
    training.add_argument("index")
    training.add_argument("encoder")
    training.add_argument("--options", default="{}", help="a JSON object")
    training.add_argument("--model", help="INDEX-ENCODER where not given")
    label.add_argument("index")
    label.add_argument("model")
    label.add_argument("field")
    return parser


if __name__ == "__main__":
    sys.exit(main())
