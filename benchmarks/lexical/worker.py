"""An engine in a process that stays up, so that its threads and its memory disturb no other engine."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from benchmarks.lexical.base import Engine

P = ParamSpec("P")
T = TypeVar("T")

OURS = "ours"
ENGINES = {  # name → module with a class `Engine`
    OURS: "benchmarks.lexical.ours",
    "tantivy": "benchmarks.lexical.tantivy_peer",
    "lucene": "benchmarks.lexical.lucene_peer",
    "bm25s": "benchmarks.lexical.bm25s_peer",
}

_ONE_THREAD = dict.fromkeys(("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


class Worker:
    """A handle on one engine in its own process, which ends on leaving the `with`.

    Raises: ImportError or UnavailableError where the engine cannot be had."""

    def __init__(self, name: str, tools: Path) -> None:
        self.name = name
        os.environ.update(_ONE_THREAD)  # the process inherits it
        self._pool = ProcessPoolExecutor(1, get_context("spawn"))
        try:
            self._pool.submit(_load, ENGINES[name], tools).result()
        except BaseException:
            self._pool.shutdown()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()

    def do(self, job: Callable[Concatenate[Any, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the job, a function of a module, returns for the engine in its process."""
        result: T = self._pool.submit(_do, job, args, kwargs).result()
        return result


_loaded: list[Engine] = []  # the one engine, where this process is a worker


def _load(module: str, tools: Path) -> None:
    _loaded.append(import_module(module).Engine(tools))


def _do(job: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return job(_loaded[0], *args, **kwargs)
