"""`textprism reindex` and `textprism settings`: how an index is made."""

from typing import Annotated

import orjson
import typer
from pydantic import ValidationError
from rich.markup import escape

from app.cli.changes import print_changes, print_pending
from app.cli.options import AsJson, DataDir, IndexArgument, names, settings_of
from app.cli.output import console, print_json, progress_bar
from app.settings import open_catalogue
from indexer.build import Needed, build_generation, check_settings, needed
from indexer.errors import IndexUnavailableError, InputError
from indexer.generation import IndexFolder, read_manifest
from indexer.types import IndexSettings


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("reindex")(reindex)
    app.command("settings")(settings_command)


def reindex(
    index: IndexArgument,
    encoders: Annotated[
        str | None,
        typer.Option(help="Names parted by commas, `all` or `none`. [default: all of the settings]"),
    ] = None,
    keep_encoders: Annotated[
        bool, typer.Option("--keep-encoders", help="Those of the published generation; none is trained.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Build a new generation from all documents and serve it when it is whole."""
    settings = settings_of(data_dir)
    wanted = {None: None, "all": None, "none": []}.get(encoders, names(encoders))
    with open_catalogue(settings) as catalogue, progress_bar() as progress:
        report = build_generation(
            catalogue, settings.data_dir, index, wanted, progress, keep_encoders=keep_encoders
        )
    if as_json:
        print_json({"index": index, "report": report})
        return
    out = console()
    kinds = [
        name if each.kind == "flat" else f"{name} ({each.kind}, {each.memory / 2**20:,.1f} MiB)"
        for name, each in report.vectors.items()
    ]
    out.print(
        f"{index}: {report.generation} published, {report.documents:,} documents, "
        f"encoders: {', '.join(kinds) or 'none'}, {report.seconds:.1f} s",
        markup=False,
    )
    for name, each in report.vectors.items():
        if each.kind != each.advised:
            told = f"`{each.advised}` is advised for the {each.vectors:,} vectors of `{name}`: {each.reason}."
            out.print(f"[yellow]note[/yellow] {escape(told)}")
    for warning in report.warnings:
        out.print(f"[yellow]note[/yellow] {escape(warning)}")
    if report.changes is not None:
        print_changes(report.changes)


def settings_command(
    index: IndexArgument,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PATH=VALUE",
            help="For example encoders.word2vec.options.dims=200; null removes.",
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the settings of an index, or change them for the next reindex; an index not there is made."""
    settings = settings_of(data_dir)
    with open_catalogue(settings, create=bool(changes)) as catalogue:
        if changes:
            former = catalogue.indexes.find(index) or catalogue.indexes.create(index, IndexSettings())
            changed = _changed(former.settings, changes)
            check_settings(changed)
            catalogue.indexes.save_settings(index, changed)
        record = catalogue.indexes.get(index)
    pending = _pending(IndexFolder(settings.data_dir, index), record.settings)
    if as_json:
        print_json({"index": index, "settings": record.settings, "pending": pending})
        return
    console().print_json(record.settings.model_dump_json())
    if pending is not None and pending.needs != "nothing":
        print_pending(index, pending)


def _pending(folder: IndexFolder, settings: IndexSettings) -> Needed | None:
    """What a reindex must do; None where nothing that can be read is published."""
    try:
        return needed(read_manifest(folder.path / folder.current()).settings, settings)
    except IndexUnavailableError:
        return None


def _changed(settings: IndexSettings, changes: list[str]) -> IndexSettings:
    """The settings with values set at dotted paths; a value is JSON, or else a word as it stands.

    `null` takes away what is there."""
    document = settings.model_dump(mode="json")
    for change in changes:
        path, equals, written = change.partition("=")
        *folders, last = path.split(".")
        if not equals or not all([*folders, last]):
            raise InputError(f"`{change}`: wanted PATH=VALUE, for example views='[\"words\"]'.")
        place = document
        for step in folders:
            place = place.setdefault(step, {})
            if not isinstance(place, dict):
                raise InputError(f"`{change}`: there is nothing inside `{step}`.")
        value = _value(written)
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    try:
        return IndexSettings.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InputError(f"The settings would be wrong at `{where}`: {first['msg']}.") from None


def _value(written: str) -> object:
    try:
        return orjson.loads(written)
    except orjson.JSONDecodeError:
        return written
