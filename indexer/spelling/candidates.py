"""What may have been meant instead of a word, and why: a noisy channel.

score = log P(candidate) − cost of its edits + SIMILAR · similarity

Source: Kernighan, Church, Gale: A spelling correction program based on a noisy channel model, COLING 1990."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

Similarity = Callable[[str, str], float | None]
"""How alike two words are, from −1 to 1; None where that is not known."""

SIMILAR = 3.0
"""What a similarity of 1 adds to a score, in nats."""
NEW = 14.0
"""How improbable a word is that no document has, in nats. It may be right, a name for example: it stands
unless something is more probable."""
MOST_COMPARED = 16
"""Candidates of a word whose similarity is asked for: the best without it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word, or two, that may have been meant.

    distance: edits between it and what was written · df: documents that hold it, of two words the rarer one ·
    frequency: log P, P being its share of all words of its kind · cost: what the edits count, in nats ·
    score: frequency − cost + `SIMILAR` · similarity."""

    text: str
    distance: int
    df: int
    frequency: float
    cost: float
    similarity: float | None
    score: float


class Written(NamedTuple):
    """A word of a text at [`start`, `end`).

    known: it is in a document, or is none that could be corrected · candidates: what may have been meant
    instead, the best first · correction: the text of the first one, where it is more probable than that the
    word is meant as it stands; else None."""

    text: str
    start: int
    end: int
    known: bool
    candidates: Sequence[Candidate] = ()
    correction: str | None = None


def candidate(text: str, distance: int, df: int, frequency: float, cost: float) -> Candidate:
    """A candidate of which no similarity is known. Its parts are rounded, so that its score is their sum."""
    frequency, cost = round(frequency, 4), round(cost, 4)
    return Candidate(text, distance, df, frequency, cost, None, round(frequency - cost, 4))


def ranked(
    written: str, found: Iterable[Candidate], limit: int, similarity: Similarity | None = None
) -> list[Candidate]:
    """The best candidates, `limit` at most. Ties: smaller text."""
    best = sorted(found, key=_order)[: max(limit, MOST_COMPARED)]
    if similarity is not None:
        best = sorted((_compared(written, each, similarity) for each in best), key=_order)
    return best[:limit]


def _order(each: Candidate) -> tuple[float, str]:
    return -each.score, each.text


def _compared(written: str, each: Candidate, similarity: Similarity) -> Candidate:
    alike = similarity(written, each.text)
    if alike is None:
        return each
    alike = round(alike, 4)
    return replace(each, similarity=alike, score=round(each.frequency - each.cost + SIMILAR * alike, 4))
