"""`textprism import`: documents from files, folders and standard input."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import AsJson, DataDir, IndexArgument, settings_of
from app.cli.output import console, print_json, progress_bar
from app.settings import open_catalogue
from indexer.documents import Format, find_sources, import_documents
from indexer.errors import BadLine


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("import")(import_command)


def import_command(
    index: IndexArgument,
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH…",
            help="A BEIR folder, a .jsonl, .ndjson, .csv, .txt or .md file, each also .gz, or - (stdin).",
        ),
    ],
    format: Annotated[Format | None, typer.Option(help="Of standard input.")] = None,
    skip_bad: Annotated[
        Path | None,
        typer.Option("--skip-bad", metavar="FILE", help="Import the good lines, write the bad ones to FILE."),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Store documents by their id; all of them, or none where a line is bad."""
    settings = settings_of(data_dir)
    sources = find_sources(paths, format)
    with ExitStack() as stack:
        catalogue = stack.enter_context(open_catalogue(settings, create=True))
        progress = stack.enter_context(progress_bar())
        bad_lines = None if skip_bad is None else stack.enter_context(open(skip_bad, "wb"))

        def keep(_: BadLine, raw: bytes) -> None:
            if bad_lines is not None:
                bad_lines.write(raw.rstrip(b"\r\n") + b"\n")

        report = import_documents(
            catalogue,
            index,
            sources,
            skip_bad=skip_bad is not None,
            progress=progress,
            max_document_bytes=settings.max_document_bytes,
            on_bad_line=keep,
        )
        fields = {name: each.type for name, each in catalogue.indexes.get(index).settings.fields.items()}
    if as_json:
        print_json({"index": index, "report": report, "fields": fields})
        return
    out = console()
    out.print(
        f"{index}: {report.added:,} added, {report.updated:,} updated, {report.unchanged:,} unchanged"
        + (f", {report.bad_total:,} bad lines left out, in {skip_bad}" if report.bad_total else "")
    )
    for line in report.bad[:20]:
        out.print(f"  {line}", markup=False)
    out.print("fields: " + ", ".join(f"{name} ({kind})" for name, kind in fields.items()), markup=False)
    out.print(f"next: textprism reindex {index}", markup=False)
