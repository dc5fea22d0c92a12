"""What the commands print: tables and progress for people, JSON for programs."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from app.schemas import json_bytes
from app.search.answer import Hit, SearchResult
from app.search.highlights.highlight import Highlight
from app.search.retrieval.pairs import ROUNDING
from indexer.errors import BadLinesError, TextPrismError
from indexer.types import Part
from indexer.types import Progress as Report

LISTED_LINES = 20
SHOWN_NEIGHBOURS = 6
SHOWN_STEPS = (0, 1, 2, 4, 8, 16, 32, 64)
_TOLD = {
    "ordered": "held-out pairs with the relevant document before another",
    "exact": "held-out answers marked exactly",
}


def console() -> Console:
    """Standard output; wide where it is no terminal, so that nothing is cut in a file or a pipe."""
    return Console(width=None if sys.stdout.isatty() else 120, highlight=False)


def print_json(value: object) -> None:
    """One JSON object and a line break."""
    sys.stdout.buffer.write(json_bytes(value) + b"\n")
    sys.stdout.buffer.flush()


def fail(error: TextPrismError, *, as_json: bool) -> NoReturn:
    """Tells an error and ends with status 1."""
    if as_json:
        lines = error.lines if isinstance(error, BadLinesError) else []
        print_json({"error": {"code": error.code, "message": error.message, "lines": lines}})
    else:
        told = Console(stderr=True, highlight=False, soft_wrap=True)
        if not isinstance(error, BadLinesError):
            told.print(f"[red]error[/red] {escape(error.message)}")
        else:
            told.print(f"[red]error[/red] {error.total:,} bad line(s), nothing was imported:")
            for line in error.lines[:LISTED_LINES]:
                told.print(f"  {escape(str(line))}")
            if error.total > LISTED_LINES:
                told.print(f"  … and {error.total - LISTED_LINES} more")
    raise SystemExit(1)


@contextmanager
def progress_bar() -> Iterator[Report]:
    """A bar on standard error for long work, with its rate; gone when it has ended."""
    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[figures]}"),
        TimeRemainingColumn(),
    )
    shown = Console(stderr=True)
    with Progress(*columns, console=shown, transient=True, disable=not shown.is_terminal) as bar:
        phases: dict[str, TaskID] = {}

        def report(phase: str, done: int, total: int | None, loss: float | None = None) -> None:
            if phase not in phases:
                phases[phase] = bar.add_task(phase, total=total, figures="")
            bar.update(phases[phase], completed=done, total=total)
            speed = bar.tasks[phases[phase]].speed
            told = [] if speed is None else [f"{speed:,.0f}/s"]
            told += [] if loss is None else [f"loss {loss:.4f}"]
            bar.update(phases[phase], figures=" ".join(told))

        yield report


def print_report(report: Mapping[str, Any]) -> None:
    """What a training tells of itself; of an import there is less to tell."""
    out = console()
    if losses := report.get("losses"):
        shown = [losses[0], losses[len(losses) // 2], losses[-1]] if len(losses) > 2 else losses
        told = " → ".join(f"{each:.4f}" for each in shown)
        covered = f"{report['coverage']:.1%} of {report['tokens']:,} words covered"
        out.print(f"  loss {told} in {len(losses)} epochs, {covered}", markup=False)
    for row in report.get("table", []):
        shown = {name: value for name, value in row.items() if isinstance(value, str | int | float)}
        out.print("  " + ", ".join(f"{name} {value}" for name, value in shown.items()), markup=False)
    for stage, curve in report.get("curves", {}).items():
        _print_curve(stage, curve)
    for name in ("ordered", "exact"):
        if name in report:
            before, after = report[f"{name}_before"], report[name]
            out.print(f"  {_TOLD[name]}: {after:.1%}, before the training {before:.1%}", markup=False)
    if "gradients" in report:
        _print_recurrent(report)
    if related := report.get("related_words"):
        out.print(
            f"  related words are nearer than others in {related['nearer']:.1%} ({related['pairs']} pairs)",
            markup=False,
        )
    for each in report.get("neighbours", [])[:SHOWN_NEIGHBOURS]:
        near = ", ".join(f"{word} {cosine:.2f}" for word, cosine in each["near"])
        out.print(f"  {each['word']}: {near}", markup=False)
    if source := report.get("source"):
        out.print(f"  from {source}", markup=False)


def _print_curve(stage: str, curve: Sequence[Mapping[str, Any]]) -> None:
    """The held-out losses of a stage at its first look, in the middle and at its last."""
    shown = [curve[0], curve[len(curve) // 2], curve[-1]] if len(curve) > 2 else curve
    names = curve[-1]["held_out"]
    told = "; ".join(
        f"{name} " + " → ".join(f"{each['held_out'][name]:.4f}" for each in shown) for name in names
    )
    read = f"{curve[-1]['pieces']:,} pieces in {curve[-1]['step']:,} steps"
    console().print(f"  {stage}: held-out loss {told}, {read}", markup=False, soft_wrap=True)


def _print_recurrent(report: Mapping[str, Any]) -> None:
    """What is told of an RNN alone: what it does not know, how well it tells, how far back it feels."""
    told = [f"{report['vocabulary']:,} in the vocabulary, {report['unknown']:.1%} of the texts unknown"]
    if "perplexity" in report:
        told.append(f"held-out perplexity {report['perplexity']:,.1f}")
    if "accuracy" in report:
        most = report["accuracy_of_most_frequent"]
        told.append(f"held-out labels right {report['accuracy']:.1%}, by the most frequent {most:.1%}")
    if "error" in report:
        told.append(f"held-out error {report['error']:g}, by the mean {report['error_of_mean']:g}")
    for when in ("before", "after"):
        norms = report["gradients"][when]
        shown = [
            f"{step}: {norms[step] / (norms[0] or 1.0):.2g}" for step in SHOWN_STEPS if step < len(norms)
        ]
        told.append(f"gradient by steps back, {when} the training: {', '.join(shown)}")
    for each in told:
        console().print(f"  {each}", markup=False, soft_wrap=True)


def print_hits(result: SearchResult, title: str) -> None:
    """The hits as a table, each with the parts of its score."""
    table = Table(title=escape(title), title_justify="left", expand=True, show_edge=False)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("id", no_wrap=True)
    cut = not any(hit.highlights for hit in result.hits)
    table.add_column("document", ratio=2, no_wrap=cut, overflow="ellipsis" if cut else "fold")
    table.add_column("because", ratio=3, overflow="fold")
    for hit in result.hits:
        parts = "\n".join(part_line(part) for part in hit.parts or ())
        shown = [escape(_heading(hit)), *(_marked(each) for each in (hit.highlights or {}).values())]
        table.add_row(str(hit.rank), f"{hit.score:.5g}", escape(hit.id), "\n".join(shown), escape(parts))
    out = console()
    out.print(table)
    if result.expansion:
        added = ", ".join(f"{each.term} {each.weight:.2f} (of {each.of})" for each in result.expansion)
        out.print(f"looked for too: {added}", markup=False)
    for field, facet in ({} if result.facets is None else result.facets.fields).items():
        counts = ", ".join(f"{each.value} {each.count:,}" for each in facet.values)
        more = f", and {facet.further:,} more" if facet.further else ""
        out.print(f"{field}: {counts or 'none'}{more}", markup=False)
    if result.suggestion is not None:
        out.print(f"did you mean: {result.suggestion}", markup=False)
    for warning in result.warnings:
        out.print(f"[yellow]note[/yellow] {escape(warning)}")


def part_line(part: Part) -> str:
    """One part of a score: its name, value and, where it is fused, what it adds; inner parts after it."""
    rank = "" if part.rank is None else f" #{part.rank}"
    fused = "" if part.contribution == part.value else f" → +{part.contribution:.5f}"
    shown = [each for each in part.parts if each.name != ROUNDING and (each.value or each.name[0] != "(")]
    inner = ", ".join(f"{each.name} {each.value:.3f}" for each in shown)
    return f"{part.name}{rank} {part.value:.3f}{fused}" + (f" = {inner}" if inner else "")


def _marked(highlight: Highlight) -> str:
    """The piece on one line, its marks in bold."""
    text, at, written = highlight.text.replace("\n", " "), 0, ""
    for start, end in highlight.marks:
        written += f"{escape(text[at:start])}[bold]{escape(text[start:end])}[/bold]"
        at = end
    return written + escape(text[at:])


def _heading(hit: Hit) -> str:
    fields = hit.document or {}
    return next((str(value).replace("\n", " ") for value in fields.values() if value), "(removed since)")
