"""`python -m benchmarks.lexical`: builds, checks, times and compares."""

import json
import platform
import signal
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.lexical import corpora, jobs, report
from benchmarks.lexical.base import UnavailableError
from benchmarks.lexical.figures import Figures, Plan
from benchmarks.lexical.measure import measure
from benchmarks.lexical.worker import ENGINES, Worker

_DATA = Path(__file__).parents[3] / "shared" / "data"
_WORK = Path(tempfile.gettempdir()) / "textprism-bench-lexical"


def main(
    names: Annotated[str, typer.Option("--corpora", help="Which corpora.")] = ",".join(corpora.NAMES),
    engines: Annotated[str, typer.Option(help="Which engines.")] = ",".join(ENGINES),
    documents: Annotated[int, typer.Option(min=2_000, help="Size of the synthetic corpus.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=1, help="How often each query is timed.")] = 5,
    queries: Annotated[int, typer.Option(min=1, help="How many queries of each kind.")] = 500,
    data: Annotated[Path, typer.Option(help="Where the real corpora are.")] = _DATA,
    work: Annotated[Path, typer.Option(help="Where corpora, indexes and figures are kept.")] = _WORK,
) -> None:
    """Nothing; prints tables and writes figures.json. Ends with 1 where an engine's answers are wrong."""
    versions = _available(_known(engines, ENGINES), work)
    plan = Plan(list(versions), rounds, queries, work)
    measured: list[Figures] = []
    for name in _known(names, corpora.NAMES):
        try:
            _tell(f"{name}: load or make")
            corpus = corpora.load(name, documents, data, work)
        except corpora.MissingError as error:
            _tell(f"{name} is left out: {error}")
            continue
        measured.append(measure(corpus, plan, _tell))
        typer.echo(f"{report.text(measured[-1])}\n")
        _write(work / "figures.json", versions, plan, measured)
    wrong = [line for figures in measured for line in report.errors(figures)]
    for line in wrong:
        _tell(f"error: {line}")
    raise typer.Exit(bool(wrong))


def _tell(message: str) -> None:
    """Nothing; the message is on standard error, so that the tables can be kept by themselves."""
    typer.echo(message, err=True)


def _known(given: str, known: Sequence[str] | dict[str, str]) -> list[str]:
    """The names between the commas."""
    names = given.split(",")
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"{name!r} is none of {', '.join(known)}")
    return names


def _available(names: Sequence[str], work: Path) -> dict[str, str]:
    """Versions of those engines that can be had here."""
    versions = {}
    for name in names:
        try:
            with Worker(name, work) as worker:
                versions[name] = worker.do(jobs.version)
        except (ImportError, UnavailableError) as error:
            _tell(f"{name} is left out: {error}")
    return versions


def _write(path: Path, versions: dict[str, str], plan: Plan, measured: Sequence[Figures]) -> None:
    """Keeps all figures, also of a run that is stopped before its end."""
    made = {
        "machine": platform.platform(),
        "python": platform.python_version(),
        "engines": versions,
        "rounds": plan.rounds,
        "queries": plan.queries,
        "corpora": [asdict(figures) for figures in measured],
    }
    path.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # an end on request leaves no worker behind
    typer.run(main)
