"""The batch job as a process of its own: builds one generation, reports as JSON lines on standard output.

    python -m indexer INDEX --data-dir DIR [--database-url URL] [--encoders a,b]

Each line is {"phase", "done", "total"}; the last is {"report": …} or {"error": {"code", "message"}}.
SIGTERM cancels: nothing is published and nothing is left behind."""

import argparse
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any

import orjson

from indexer.build import build_generation
from indexer.database import Catalogue
from indexer.errors import CanceledError, TextPrismError

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
    raise CanceledError("The build was canceled; the former generation serves on.")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 built, 1 failed or canceled."""
    parser = argparse.ArgumentParser(
        prog="python -m indexer", description="Builds one generation of an index."
    )
    parser.add_argument("index")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--database-url")
    parser.add_argument("--encoders", help="names parted by commas; all of the settings where not given")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _cancel)
    encoders = None if given.encoders is None else [name for name in given.encoders.split(",") if name]
    try:
        with Catalogue.open(given.data_dir, given.database_url) as catalogue:
            report = build_generation(catalogue, given.data_dir, given.index, encoders, _Reporter())
    except TextPrismError as error:
        _write({"error": {"code": error.code, "message": error.message}})
        return 1
    _write({"report": asdict(report)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
