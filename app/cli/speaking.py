"""`textprism generate` and `outputs`: what an RNN of an index says."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from app.cli.options import AsJson, DataDir, IndexArgument, generation_of, unicode
from app.cli.output import console, print_json
from app.speaking import Chance, generate, outputs
from indexer.encoders.rnn import Decoding, Method

Text = Annotated[str, typer.Argument(help="What stands before.", callback=unicode)]
EncoderName = Annotated[str | None, typer.Option(help="[default: the first that has learned it]")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("generate")(generate_command)
    app.command("outputs")(outputs_command)


def generate_command(
    index: IndexArgument,
    text: Text,
    method: Annotated[
        Method, typer.Option(help="Always the likeliest word, by chance, or the best texts.")
    ] = ("greedy"),
    length: Annotated[int, typer.Option(min=1, max=200, help="Words at most.")] = 20,
    temperature: Annotated[
        float, typer.Option(min=0.01, max=100, help="Of sample: below 1 likely words are likelier still.")
    ] = 1.0,
    top_k: Annotated[int | None, typer.Option(min=1, help="Of sample: only so many likeliest words.")] = None,
    beams: Annotated[int, typer.Option(min=1, max=32, help="Of beam: texts that are followed.")] = 4,
    seed: Annotated[int, typer.Option(min=0, help="Of sample: the same draws the same.")] = 0,
    encoder: EncoderName = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show how a text may go on, by the language model of an RNN."""
    how = Decoding(method, length, temperature, top_k, beams, seed)
    found = generate(generation_of(index, data_dir), text, how, encoder)
    if as_json:
        print_json(found)
        return
    for each in found.continuations:
        console().print(f"{each.log_probability:8.2f}  {text} … {each.text}", markup=False, soft_wrap=True)


def outputs_command(
    index: IndexArgument,
    text: Text,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Words and labels at each step.")] = 3,
    encoder: EncoderName = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what comes out of an RNN at each word of a text, and of the whole text."""
    found = outputs(generation_of(index, data_dir), text, limit, encoder)
    if as_json:
        print_json(found)
        return
    table = Table(show_edge=False)
    for heading in ("word", "next word", "label"):
        table.add_column(heading, overflow="fold")
    for each in found.steps:
        table.add_row(escape(each.token), escape(_listed(each.next_word)), escape(_listed(each.labels)))
    console().print(table)
    if found.labels:
        console().print(f"{found.field}: {_listed(found.labels)}", markup=False)
    if found.value is not None:
        console().print(f"{found.field}: {found.value:g}", markup=False)


def _listed(chances: Sequence[Chance]) -> str:
    return ", ".join(f"{each.name} {each.probability:.3f}" for each in chances)
