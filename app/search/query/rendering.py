"""A tree as a query: the text that parses to it."""

from decimal import Decimal

from app.search.query.grammar import written_phrase, written_words
from indexer.query import Boost, Fuzzy, Group, InField, Node, Phrase, Prefix, Words


def render(tree: Node) -> str:
    """A query that parses to this tree, where the tree came from one."""
    match tree:
        case Words(text):
            return written_words(text)
        case Phrase(text, slop):
            return written_phrase(text) + (f"~{slop}" if slop else "")
        case Prefix(text):
            return f"{written_words(text)}*"
        case Fuzzy(text, edits):
            return f"{written_words(text)}~{edits}"
        case InField(field, node):
            return f"{field}:{_operand(node)}"
        case Boost(InField() as node, factor):
            return f"{render(node)}^{_number(factor)}"
        case Boost(node, factor):
            return f"{_operand(node)}^{_number(factor)}"
        case Group():
            return " ".join(_clauses(tree))


def _clauses(group: Group) -> list[str]:
    before: tuple[Node | None, ...] = (None, *group.should)
    pairs = zip(before, group.should, strict=False)
    should = [_beside(node, isinstance(previous, Words)) for previous, node in pairs]
    must = [_signed("+", node) for node in group.must]
    return should + must + [_signed("-", node) for node in group.must_not]


def _beside(node: Node, after_words: bool) -> str:
    """One of several nodes; plain words after plain words would run together with them."""
    apart = isinstance(node, Group) or (after_words and isinstance(node, Words))
    return f"({render(node)})" if apart else render(node)


def _signed(sign: str, node: Node) -> str:
    """A node after a sign, which is one only before what looks like the beginning of a word."""
    written = render(node) if isinstance(node, Boost | InField) else _operand(node)
    return sign + (written if written[0].isalnum() or written[0] in '("' else f"({written})")


def _operand(node: Node) -> str:
    """A node where one operand is wanted."""
    whole = isinstance(node, Phrase | Prefix | Fuzzy) or (
        isinstance(node, Words) and node.text.split() == [node.text]
    )
    return render(node) if whole else f"({render(node)})"


def _number(value: float) -> str:
    """A number without an exponent, exactly."""
    return f"{Decimal(repr(value)):f}".removesuffix(".0")
