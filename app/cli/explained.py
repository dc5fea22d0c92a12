"""What is said of a document and a search, as tables."""

from collections.abc import Iterator

from app.cli.tables import Shown
from app.search.counterfactuals import Counterfactuals
from app.search.whynot import Explanation

SHOWN_ABOVE = 5


def tables(found: Explanation) -> Iterator[Shown]:
    """The tables of an explanation, in the order in which they are read."""
    changes = [[each.what, str(each.rank), f"{each.overlap:.3f}"] for each in found.changes]
    yield Shown(f"What brings it among the first {found.limit}", ("change", "#its rank", "#overlap"), changes)
    conditions = [[each.by, each.clause, "yes" if each.passes else "no"] for each in found.filter]
    yield Shown("What it has to meet", ("by", "condition", "met"), conditions)
    lists = [
        [
            each.name,
            _number(each.rank),
            _number(each.value),
            _number(each.weight),
            str(each.depth),
            each.reason,
        ]
        for each in found.lists
    ]
    yield Shown("Lists", ("list", "#rank", "#value", "#weight", "#depth", "why"), lists)
    steps = [[each.step, _number(each.rank), f"{each.of:,}"] for each in found.steps]
    yield Shown("Steps", ("step", "#its rank", "#hits"), steps)
    parts = [
        [
            f"{'· ' * (each.level - 1)}{each.name}",
            _number(each.value),
            _number(each.contribution),
            each.formula,
            each.docs,
        ]
        for each in found.parts
    ]
    score = "" if found.score is None else f", {found.score:.6g}"
    yield Shown(f"Its score{score}", ("part", "#value", "#adds", "formula", "told in"), parts)
    above = [
        [str(each.rank), each.id, f"{each.score:.5g}", f"{each.difference:+.5g}", each.by]
        for each in found.above[:SHOWN_ABOVE]
    ]
    yield Shown("Above it", ("#rank", "id", "#score", "#more", "mostly by"), above)
    evidence = [
        [
            each.retriever,
            each.field,
            each.text,
            ", ".join(word.term for word in each.words),
            f"{each.value:.4f}",
        ]
        for each in found.evidence
    ]
    yield Shown("What carries it", ("list", "field", "sentence", "words", "#value"), evidence)


def effect_tables(found: Counterfactuals) -> Iterator[Shown]:
    """The tables of what the first hits depend on."""
    terms = [[each.term, f"{each.overlap:.3f}", " ".join(each.lost)] for each in found.terms]
    yield Shown(f"The first {found.limit} without a word", ("word", "#overlap", "lost"), terms)
    retrievers = [
        [each.name, _number(each.without), f"{each.alone:.3f}", "yes" if each.changed else "no"]
        for each in found.retrievers
    ]
    columns = ("retriever", "#overlap without it", "#alone", "changes them")
    yield Shown(f"The first {found.limit} without a retriever", columns, retrievers)


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:.5g}"
