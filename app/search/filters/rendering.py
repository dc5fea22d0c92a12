"""A tree as a filter: the text that parses to it."""

from app.search.filters.tokens import written_value
from indexer.filters import And, Bound, Contains, Exists, IsEmpty, Node, Not, OneOf, Or, Range, StartsWith


def render(node: Node) -> str:
    """A filter that parses to this tree, where it came from one; an empty text for every document."""
    match node:
        case And(nodes):
            return " AND ".join(map(_operand, nodes))
        case Or(nodes):
            return " OR ".join(map(_operand, nodes))
        case Not(inner):
            return f"NOT {_operand(inner)}"
        case Range(path, lower, upper):
            return _range(written_value(path), lower, upper)
        case OneOf(path, (value,)):
            return f"{written_value(path)} = {written_value(value)}"
        case OneOf(path, values):
            return f"{written_value(path)} IN [{', '.join(map(written_value, values))}]"
        case Contains(path, text):
            return f"{written_value(path)} CONTAINS {written_value(text)}"
        case StartsWith(path, text):
            return f"{written_value(path)} STARTS WITH {written_value(text)}"
        case Exists(path):
            return f"{written_value(path)} EXISTS"
        case IsEmpty(path):
            return f"{written_value(path)} IS EMPTY"


def _operand(node: Node) -> str:
    """A node where one operand is wanted."""
    return f"({render(node)})" if isinstance(node, And | Or) else render(node)


def _range(path: str, lower: Bound | None, upper: Bound | None) -> str:
    if lower and upper and lower.inclusive and upper.inclusive:
        return f"{path} {written_value(lower.value)} TO {written_value(upper.value)}"
    before = f"{written_value(lower.value)} {_sign('<', lower)} " if lower else ""
    if upper:
        return f"{before}{path} {_sign('<', upper)} {written_value(upper.value)}"
    assert lower is not None
    return f"{path} {_sign('>', lower)} {written_value(lower.value)}"


def _sign(strict: str, bound: Bound) -> str:
    return f"{strict}=" if bound.inclusive else strict
