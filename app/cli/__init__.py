"""The command line: every command prints for people, or with `--json` one object for programs.

Exit status: 0 done, 1 failed, 2 wrong usage."""

import logging
import sys
from collections.abc import Sequence

import typer

from app.cli import (
    building,
    checking,
    demo,
    evaluating,
    explaining,
    generations,
    importing,
    labelling,
    modelling,
    profiling,
    saving,
    searching,
    serving,
    speaking,
    training,
    wording,
)
from app.cli.output import fail
from indexer.errors import BadFileError, TextPrismError
from indexer.jit import is_cold

_COLD = "First run of this version here: hot loops are compiled once, which takes up to a minute."

app = typer.Typer(
    name="textprism",
    help="Search for Chinese and English: every classic representation, ranked, fused and explained.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # square brackets are text
)
_COMMANDS = (
    demo,
    importing,
    training,
    labelling,
    building,
    generations,
    checking,
    searching,
    explaining,
    wording,
    speaking,
    profiling,
    modelling,
    evaluating,
    saving,
    serving,
)
for commands in _COMMANDS:
    commands.register(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command that was typed, or that of the arguments. Raises: SystemExit, always."""
    logging.getLogger().addHandler(logging.NullHandler())  # what a command has to say it prints itself
    as_json = "--json" in (sys.argv[1:] if arguments is None else arguments)
    if is_cold() and not as_json:
        print(_COLD, file=sys.stderr)  # noqa: T201  before any command has its console
    try:
        app(arguments)
    except TextPrismError as error:
        fail(error, as_json=as_json)
    except OSError as error:
        fail(BadFileError(str(error)), as_json=as_json)
