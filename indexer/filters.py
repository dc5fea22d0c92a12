"""The tree of a filter: which documents are wanted, by what their fields hold. It knows nothing of types.

OneOf        a field holds one of some values
Range        a field holds a value within bounds
Contains     a field holds a keyword with a text in it
StartsWith   a field holds a keyword that begins with a text
Exists       a document has the field
IsEmpty      a document has the field, and nothing stands in it
And, Or      all, any of some trees
Not          every document that a tree leaves out

Values are texts as they were written. It is the field that says what they mean: `2020` is a number where
the field holds numbers, and a word where it holds keywords."""

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part of a filter stands: the JSON Pointer, and the position in the text that is there."""

    pointer: str = "/filter"
    position: int | None = None

    def __str__(self) -> str:
        """The beginning of a message about what stands there."""
        return (
            f"At `{self.pointer}`: " if self.position is None else f"Position {self.position} of the filter: "
        )


@dataclass(frozen=True, slots=True)
class Leaf:
    """What is asked of one field. `path` is the name of the field, or leads by dots into an object."""

    path: str
    place: Place = field(default=Place(), kw_only=True, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class OneOf(Leaf):
    """Documents in which the field holds one of these values; of none of them, no document."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a range, and whether it belongs to it."""

    value: str
    inclusive: bool = True


@dataclass(frozen=True, slots=True)
class Range(Leaf):
    """Documents in which one value of the field is within both bounds; at least one is not None."""

    lower: Bound | None = None
    upper: Bound | None = None


@dataclass(frozen=True, slots=True)
class Contains(Leaf):
    """Documents in which the field holds a keyword with this text in it."""

    text: str


@dataclass(frozen=True, slots=True)
class StartsWith(Leaf):
    """Documents in which the field holds a keyword that begins with this text."""

    text: str


@dataclass(frozen=True, slots=True)
class Exists(Leaf):
    """Documents that have the field."""


@dataclass(frozen=True, slots=True)
class IsEmpty(Leaf):
    """Documents that have the field, and in it nothing but empty strings, lists and objects."""


@dataclass(frozen=True, slots=True)
class And:
    """Documents that all of the nodes select; of none, every document."""

    nodes: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """Documents that any of the nodes selects."""

    nodes: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """Documents that the node does not select, those without the field among them."""

    node: "Node"


Node: TypeAlias = OneOf | Range | Contains | StartsWith | Exists | IsEmpty | And | Or | Not
