"""Texts to vectors by as many processes as there are cores; each has the encoder, and one thread."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from indexer.build.frames import read_vectors, write_json
from indexer.errors import WorkerError
from indexer.types import Vectors

LEAST_TEXTS = 500
"""Below it the processes take longer to start than they save."""


class EncodingProcesses:
    """Encodes texts; a text's vectors are those of the encoder in this process, to what a batch changes."""

    def __init__(self, type: str, folder: Path, n_processes: int) -> None:
        """folder: where the encoder was saved."""
        self._start = [type, str(folder)]
        self._n_processes = n_processes
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        with ExitStack() as started:
            for _ in range(self._n_processes):
                self._processes.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "indexer.build.encoder"],
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                    )
                )
                started.callback(self._processes[-1].kill)
                self._send(self._processes[-1], self._start)
            started.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self._processes:
            if kind is not None:
                each.kill()
            assert each.stdin is not None
            assert each.stdout is not None
            with suppress(BrokenPipeError):
                each.stdin.close()
            each.stdout.close()
            each.wait()

    def __call__(self, texts: Sequence[str]) -> list[Vectors]:
        """The vectors of each text. Shapes: (n, dims). Raises: WorkerError."""
        # Long ones and short ones in turns, so that all have about as much to do.
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        shares = [order[number :: self._n_processes] for number in range(self._n_processes)]
        for process, share in zip(self._processes, shares, strict=True):
            self._send(process, [texts[place] for place in share])
        found: dict[int, Vectors] = {}
        for process, share in zip(self._processes, shares, strict=True):
            found.update(zip(share, self._read(process), strict=True))
        return [found[place] for place in range(len(texts))]

    @staticmethod
    def _send(process: subprocess.Popen[bytes], message: object) -> None:
        assert process.stdin is not None
        try:
            write_json(process.stdin, message)
            process.stdin.flush()
        except BrokenPipeError:
            raise _ended(process) from None

    @staticmethod
    def _read(process: subprocess.Popen[bytes]) -> list[Vectors]:
        assert process.stdout is not None
        try:
            return read_vectors(process.stdout)
        except EOFError:
            raise _ended(process) from None


def _ended(process: subprocess.Popen[bytes]) -> WorkerError:
    return WorkerError(
        f"A process that encodes texts ended with status {process.wait()} before it was done: there may be "
        "too little memory; run `textprism reindex` again, what was encoded is kept."
    )


def processes_for(n_texts: int) -> int:
    """How many processes encode so many texts; 1: this one alone."""
    n_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return n_cores if n_texts >= LEAST_TEXTS else 1
