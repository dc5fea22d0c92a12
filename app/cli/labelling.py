"""`textprism classify` and `label`: which label a text has, and labels for all documents."""

from dataclasses import asdict
from typing import Annotated

import typer

from app.cli.options import AsJson, DataDir, IndexArgument, generation_of, settings_of, unicode
from app.cli.output import console, print_json, progress_bar
from app.features import text_document
from app.labelling import classify
from app.settings import open_catalogue
from indexer.build import label_index

Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL", help="A kept classifier: news-classifier, or news-classifier@2.", callback=unicode
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("classify")(classify_command)
    app.command("label")(label_command)


def classify_command(
    index: IndexArgument,
    model: Model,
    text: Annotated[str, typer.Argument(help="Any text.", callback=unicode)],
    limit: Annotated[int, typer.Option(min=1, max=100, help="Labels wanted.")] = 3,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show which label a text has, and why."""
    generation = generation_of(index, data_dir)
    document = text_document(generation, text, None)
    found = classify(generation, settings_of(data_dir).data_dir, document, model, limit)
    if as_json:
        print_json(found)
        return
    out = console()
    for each in found.labels:
        out.print(f"{each.label} {each.probability:.3f}", markup=False)
    if found.because:
        reasons = ", ".join(f"{each.term} {each.share:.2f}" for each in found.because)
        out.print(f"because: {reasons}", markup=False)
    if not found.labels:
        out.print("nothing of this text is known", markup=False)


def label_command(
    index: IndexArgument,
    model: Model,
    field: Annotated[str, typer.Argument(help="A keyword field, or a new one.", callback=unicode)],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Write the label that a classifier guesses into a field of every document."""
    settings = settings_of(data_dir)
    with open_catalogue(settings) as catalogue, progress_bar() as progress:
        report = label_index(catalogue, settings.data_dir, index, model, field, progress)
    if as_json:
        print_json(report)
        return
    told = {name: count for name, count in asdict(report).items() if isinstance(count, int)}
    counts = ", ".join(f"{name} {count:,}" for name, count in told.items())
    console().print(f"{index}.{field} by {report.model}: {counts}", markup=False)
