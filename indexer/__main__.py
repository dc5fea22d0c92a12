"""The batch jobs as processes of their own, which report as JSON lines on standard output.

    python -m indexer build INDEX --data-dir DIR [--database-url URL] [--encoders a,b]
    python -m indexer train INDEX ENCODER --data-dir DIR [--database-url URL] [--options JSON] [--model NAME]

Each line is {"phase", "done", "total", "per_second", "loss"}; the last is {"report": …} or {"error": {"code",
"message"}}. SIGTERM cancels: nothing is published and nothing is left behind."""

import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any

import orjson

from indexer.build import BuildReport, TrainingReport, build_generation, train_model
from indexer.database import Catalogue
from indexer.errors import CanceledError, TextPrismError
from indexer.types import Progress

SECONDS_BETWEEN_REPORTS = 0.2


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
            rate = round((done - self._first) / seconds, 1) if seconds else None
            _write({"phase": phase, "done": done, "total": total, "per_second": rate, "loss": loss})


def _write(line: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
    sys.stdout.buffer.flush()


def _cancel(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise CanceledError("The job was canceled; what was there before serves on.")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 done, 1 failed or canceled."""
    given = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _cancel)
    try:
        with Catalogue.open(given.data_dir, given.database_url) as catalogue:
            report = given.job(catalogue, given, _Reporter())
    except TextPrismError as error:
        _write({"error": {"code": error.code, "message": error.message}})
        return 1
    _write({"report": asdict(report)})
    return 0


def _build(catalogue: Catalogue, given: Namespace, progress: Progress) -> BuildReport:
    encoders = None if given.encoders is None else [name for name in given.encoders.split(",") if name]
    return build_generation(catalogue, given.data_dir, given.index, encoders, progress)


def _train(catalogue: Catalogue, given: Namespace, progress: Progress) -> TrainingReport:
    options = orjson.loads(given.options)
    return train_model(catalogue, given.data_dir, given.index, given.encoder, options, given.model, progress)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m indexer", description="The batch jobs of one index.")
    jobs = parser.add_subparsers(required=True)
    build = jobs.add_parser("build", help="build a generation")
    train = jobs.add_parser("train", help="train word vectors and keep them")
    for job, run in ((build, _build), (train, _train)):
        job.set_defaults(job=run)
        job.add_argument("index")
        job.add_argument("--data-dir", type=Path, required=True)
        job.add_argument("--database-url")
    build.add_argument("--encoders", help="names parted by commas; all of the settings where not given")
    train.add_argument("encoder")
    train.add_argument("--options", default="{}", help="a JSON object")
    train.add_argument("--model", help="INDEX-ENCODER where not given")
    return parser


if __name__ == "__main__":
    sys.exit(main())
