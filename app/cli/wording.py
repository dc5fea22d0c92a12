"""`textprism neighbours`, `analogy`, `spelling` and `suggest`: words in the spaces of an index, and in its
documents."""

from collections.abc import Sequence
from typing import Annotated

import typer

from app.cli.options import AsJson, DataDir, IndexArgument, generation_of, names, unicode
from app.cli.output import console, print_json
from app.completion import MOST_SUGGESTIONS, suggest
from app.search.spelling import SpelledWord, spell
from app.words import Neighbour, analogy, word_neighbours

Limit = Annotated[int, typer.Option(min=1, max=1_000, help="Neighbours wanted.")]
Word = Annotated[str, typer.Argument(callback=unicode)]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("neighbours")(neighbours_command)
    app.command("analogy")(analogy_command)
    app.command("spelling")(spelling_command)
    app.command("suggest")(suggest_command)


def neighbours_command(
    index: IndexArgument,
    text: Annotated[str, typer.Argument(help="A word, or any text.", callback=unicode)],
    encoders: Annotated[str | None, typer.Option(help="Names parted by commas. [default: all]")] = None,
    limit: Limit = 10,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show which words are nearest to one, in each space of the index."""
    found = word_neighbours(generation_of(index, data_dir), text, names(encoders), limit)
    if as_json:
        print_json(found)
        return
    out = console()
    for space in found.spaces:
        out.print(
            f"{space.encoder}: {_listed(space.neighbours) or 'no vector, so no neighbours'}", markup=False
        )
        if space.made:
            out.print(f"  made of its characters: {', '.join(space.made)}", markup=False)
        if space.unknown:
            out.print(f"  no vector for: {', '.join(space.unknown)}", markup=False)


def analogy_command(
    index: IndexArgument,
    a: Word,
    b: Word,
    c: Word,
    encoder: Annotated[str | None, typer.Option(help="[default: the first that has learned words]")] = None,
    limit: Limit = 5,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what is to C as B is to A."""
    found = analogy(generation_of(index, data_dir), a, b, c, encoder, limit)
    if as_json:
        print_json(found)
    else:
        console().print(f"{found.encoder}: {a} : {b} = {c} : {_listed(found.answers)}", markup=False)


def spelling_command(
    index: IndexArgument,
    text: Annotated[str, typer.Argument(help="A query.", callback=unicode)],
    limit: Annotated[int, typer.Option(min=1, max=100, help="Candidates of a word.")] = 5,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show which words of a query no document has, what may have been meant, and why."""
    found = spell(generation_of(index, data_dir), text, limit)
    if as_json:
        print_json(found)
        return
    out = console()
    out.print(found.corrected or "nothing to correct", markup=False)
    for word in found.words:
        if not word.known:
            out.print(f"{word.text}: {_candidates(word) or 'near to no word'}", markup=False)
    for warning in found.warnings:
        out.print(f"note {warning}", markup=False)


def suggest_command(
    index: IndexArgument,
    text: Annotated[str, typer.Argument(help="A query as far as it is typed.", callback=unicode)],
    limit: Annotated[int, typer.Option(min=1, max=MOST_SUGGESTIONS, help="Suggestions wanted.")] = 8,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show how a query may go on, and where that comes from."""
    found = suggest(generation_of(index, data_dir), text, limit)
    if as_json:
        print_json(found)
        return
    out = console()
    for each in found.suggestions:
        words = "; ".join(
            f"{word.word}: documents {word.documents:,}, "
            + ", ".join(f"{name} {probability:.2g}" for name, probability in word.models.items())
            for word in each.words
        )
        out.print(f"{each.text} ({each.source}) {words}".rstrip(), markup=False)
    for warning in found.warnings:
        out.print(f"note {warning}", markup=False)


def _candidates(word: SpelledWord) -> str:
    return ", ".join(
        f"{each.text} {each.score:.2f} (edits {each.distance}, documents {each.df:,})"
        for each in word.candidates
    )


def _listed(found: Sequence[Neighbour]) -> str:
    return ", ".join(f"{each.term} {each.similarity:.3f}" for each in found)
