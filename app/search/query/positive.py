"""What a query asks for, without what it rules out."""

from collections.abc import Iterator

from indexer.query import Boost, Fuzzy, Group, InField, Node, Phrase, Prefix, Words


def positive_text(tree: Node) -> str:
    """The texts that should or must match, parted by spaces: for what knows nothing of operators."""
    return " ".join(_texts(tree))


def _texts(node: Node) -> Iterator[str]:
    match node:
        case Words(text) | Phrase(text) | Prefix(text) | Fuzzy(text):
            yield text
        case InField(_, inner) | Boost(inner):
            yield from _texts(inner)
        case Group(should, must):
            for each in (*should, *must):
                yield from _texts(each)
