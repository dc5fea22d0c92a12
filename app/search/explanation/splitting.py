"""What the parts of a retriever's score add to the fused score.

Where a fusion is a line in the scores of a list, contribution = slope · score + offset, each term has its
share of the contribution, and the offset is a part of its own. Where it is not, as for ranks, the terms add
up to the score of the list alone, and the contribution is one part. In both a tie is a part of its own."""

from collections.abc import Sequence
from itertools import accumulate

from app.search.explanation.formulas import TIE
from app.search.fusion import FUSED_UNIT, RRF, Contribution
from indexer.types import SCORE_UNIT, Part

EXACT = 2**52
"""Contributions from here on, in units of 2⁻⁴⁰, are not exact as numbers of JSON: then terms have none."""

NORMALIZATION, RANK, TIED = "(normalization)", "(rank)", "(tie)"


def with_contributions(parts: Sequence[Part], given: Contribution, place: int) -> list[Part]:
    """The parts of a hit's score in a list, with their contributions, which sum to that of the list exactly;
    and a part each for what is due to no term."""
    contribution = int(given.contributions[place])
    tie = 0 if given.ties is None else int(given.ties[place])
    slope = None if given.slopes is None else float(given.slopes[place])
    if slope is None or slope * _extent(parts) >= EXACT:
        split, rest = list(parts), contribution - tie
    else:
        split = _split(parts, slope, 0)
        rest = contribution - tie - sum(_units(each.contribution, FUSED_UNIT) for each in split)
    name = RANK if given.formula == RRF else NORMALIZATION
    left = [
        Part(each, 0.0, value / FUSED_UNIT, formula=formula)
        for each, value, formula in ((name, rest, given.formula), (TIED, tie, TIE))
        if value
    ]
    return split + left


def _split(parts: Sequence[Part], slope: float, before: int) -> list[Part]:
    """The parts with their contributions. before: the sum of the values ahead of them, in units of 2⁻²⁰.

    Sums are rounded, not addends, so that those of inner parts end where their part ends."""
    ends = list(accumulate((_units(each.value, SCORE_UNIT) for each in parts), initial=before))
    reached = [round(slope * end) for end in ends]
    return [
        Part(
            each.name,
            each.value,
            (reached[place + 1] - reached[place]) / FUSED_UNIT,
            each.rank,
            each.details,
            _split(each.parts, slope, ends[place]) if each.parts else (),
            each.formula,
        )
        for place, each in enumerate(parts)
    ]


def _extent(parts: Sequence[Part]) -> int:
    """The sum of the amounts of all values, in units of 2⁻²⁰: no sum of some of them is larger."""
    own = sum(abs(_units(each.value, SCORE_UNIT)) for each in parts)
    return max(own, sum(_extent(each.parts) for each in parts))


def _units(value: float | None, unit: int) -> int:
    return round((value or 0.0) * unit)
