"""What a worker is asked to do: functions of its engine."""

import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.lexical.base import Engine, Hits, Round, VariedEngine
from benchmarks.lexical.figures import Build, First
from benchmarks.lexical.processes import cpu_seconds, peak_memory


def version(engine: Engine) -> str:
    """Name and version of the engine."""
    return engine.version()


def variants(engine: VariedEngine) -> list[str]:
    """The variants that the engine has."""
    return engine.variants()


def build(engine: Engine, documents: Path, folder: Path) -> Build:
    """What it took to build an index of the documents in the folder, which is there and empty."""
    wall, cpu = time.perf_counter(), cpu_seconds(engine.pids())
    engine.build(documents, folder)
    wall, cpu = time.perf_counter() - wall, cpu_seconds(engine.pids()) - cpu
    files = {
        str(path.relative_to(folder)): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return Build(engine.version(), wall, cpu, peak_memory(engine.pids()), files)


def load(engine: Engine, folder: Path) -> None:
    """Nothing; the index in the folder is open."""
    engine.open(folder)


def first(engine: Engine, folder: Path, terms: Sequence[str], k: int) -> First:
    """What it took to open the folder and to answer once."""
    before = time.perf_counter()
    engine.open(folder)
    engine.search(terms, k)
    return First(time.perf_counter() - before, peak_memory(engine.pids()))


def search(engine: Engine, queries: Sequence[Sequence[str]], k: int) -> list[Hits]:
    """The k best documents for each query."""
    return [engine.search(terms, k) for terms in queries]


def run(engine: Engine, queries: Sequence[Sequence[str]], k: int) -> Round:
    """How long each query took."""
    return engine.round(queries, k)


def run_variant(engine: VariedEngine, variant: str, queries: Sequence[Sequence[str]], k: int) -> Round:
    """How long each query took when asked in that way."""
    return engine.round_of(variant, queries, k)
