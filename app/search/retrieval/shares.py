"""What the words of a text do to its cosine with a query."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from indexer.encoders import TokenVector, Vector

MOST_CARRYING = 5
_TINY = 1e-6
"""The length of a vector that is nothing but rounding."""


class Share(NamedTuple):
    """A word in a text, [`start`, `end`), what it adds to the cosine of the text, and how far that would fall
    if the word stood nowhere in it."""

    term: str
    start: int
    end: int
    value: float
    fall: float


def shares_of(fields: Mapping[str, Sequence[TokenVector]], query: Vector) -> dict[str, list[Share]]:
    """Of each field the known tokens with what they do to the cosine of the whole with a query.

    With S = Σ weight · vector over all tokens, of length 1, and w those of one term: the term adds w·q, and
    S·q falls to (S − w)·q / |S − w| without it, to 0 where nothing is left. What stands nowhere in the text,
    as the tokens that a model adds, is left out."""
    wide = query.astype(np.float64)
    known = [
        (field, each, each.vector * np.float64(each.weight))
        for field, own in fields.items()
        for each in own
        if each.vector is not None
    ]
    found: dict[str, list[Share]] = {field: [] for field in fields}
    if not known:
        return found
    weighted = np.array([vector for _, _, vector in known])
    numbers: dict[str, int] = {}
    of_term = [numbers.setdefault(each.term, len(numbers)) for _, each, _ in known]
    sums = np.zeros((len(numbers), len(query)))
    np.add.at(sums, of_term, weighted)
    whole = weighted.sum(axis=0)
    rest = whole - sums
    lengths = np.sqrt(np.square(rest).sum(axis=1))
    left = np.divide((rest * wide).sum(axis=1), lengths, out=np.zeros(len(sums)), where=lengths > _TINY)
    values, falls = (weighted * wide).sum(axis=1).tolist(), ((whole * wide).sum() - left).tolist()
    for (field, each, _), value, number in zip(known, values, of_term, strict=True):
        if each.end > each.start:
            found[field].append(Share(each.term, each.start, each.end, value, falls[number]))
    return found


def carrying(shares: Sequence[Share]) -> list[Share]:
    """The words without which a cosine falls most, at most MOST_CARRYING: the first, and those that do half
    as much. Ties: the earlier one."""
    best = sorted(shares, key=lambda each: -each.fall)[:MOST_CARRYING]
    return [each for each in best if each.fall > 0 and each.fall >= best[0].fall / 2]
