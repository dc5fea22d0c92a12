"""The query language: text to tree and back. What it means is in docs/query-language.md."""

from collections.abc import Collection
from dataclasses import dataclass, field

from app.search.query.grammar import without_operators
from app.search.query.parser import Parser, Plain
from app.search.query.positive import positive_text
from app.search.query.rendering import render
from app.search.query.variants import without_each
from indexer.errors import InputError, UnknownNameError
from indexer.query import Node, Words

__all__ = ["Parsed", "Plain", "parse", "positive_text", "render", "without_each"]

MOST_NAMES_TOLD = 3


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query as it was understood, and what its writer should know of that.

    plain: what of it is looked for as it is written, in order; all of it, where it is broken."""

    tree: Node
    warnings: tuple[str, ...] = ()
    plain: tuple[Plain, ...] = field(default=(), compare=False)
    broken: bool = False


def parse(text: str, fields: Collection[str], *, strict: bool = False) -> Parsed:
    """The tree of a query; `fields` are the names that may stand before a colon.

    A query without operators is `Words`, its text unchanged. A broken one is read as plain words, with a
    warning. Raises: in strict mode InputError instead, also for what looks like a field and is none."""
    parser = Parser(text, fields)
    try:
        tree = parser.tree()
    except InputError as error:
        if strict:
            raise
        warning = f"{error.message} It was read as plain words."
        return Parsed(Words(without_operators(text)), (warning,), (Plain(0, len(text)),), broken=True)
    told = [_unknown(name, at, fields) for name, at in list(parser.unknown.items())[:MOST_NAMES_TOLD]]
    if strict and told:
        raise InputError(told[0], pointer="/q", code="unknown_field")
    warnings = tuple(f"{each} It was read as plain words." for each in told)
    return Parsed(tree, warnings, tuple(parser.plain))


def _unknown(name: str, position: int, fields: Collection[str]) -> str:
    """What to say of a name that is no field."""
    problem = UnknownNameError("field", name, fields).message
    return f"Position {position} of the query: {problem} Put a backslash before the colon for plain text."
