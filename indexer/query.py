"""The tree of a query: what a document has to hold. It says nothing of views, weights or spelling.

Words     a text; a document that holds any term of it matches
Phrase    a text; its terms in their order
Prefix    the beginning of a word
Fuzzy     a word, or one spelled nearly so
InField   a tree that looks into one field alone; of nested ones the innermost counts
Boost     a tree whose score is multiplied
Group     trees that should match, must match, must not match
"""

from dataclasses import dataclass
from typing import TypeAlias

Node: TypeAlias = "Words | Phrase | Prefix | Fuzzy | InField | Boost | Group"


@dataclass(frozen=True, slots=True)
class Words:
    """A run of plain words as it was written, so that segmentation sees neighbours as one text."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """The n terms of a text at ascending positions p₁ < … < pₙ, where pₙ − p₁ − (n − 1) ≤ slop."""

    text: str
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Prefix:
    """Every word that begins so."""

    text: str


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Every word at most so many edits (a character added, dropped or replaced) away."""

    text: str
    edits: int = 1


@dataclass(frozen=True, slots=True)
class InField:
    """What a node matches in one field, whatever fields the search names."""

    field: str
    node: Node


@dataclass(frozen=True, slots=True)
class Boost:
    """The matches of a node, their scores multiplied."""

    node: Node
    factor: float


@dataclass(frozen=True, slots=True)
class Group:
    """The documents that match all of `must`, none of `must_not`, and, where nothing must, any of `should`.

    A score is the sum over what matches of `must` and `should`. With `must_not` alone, all other
    documents match, at score 0."""

    should: tuple[Node, ...] = ()
    must: tuple[Node, ...] = ()
    must_not: tuple[Node, ...] = ()
