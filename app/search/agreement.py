"""How alike two ranked lists are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

PERSISTENCE = 0.9
"""Of rank-biased overlap: the first ten ranks then have 86 % of the weight."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two lists side by side.

    shared: how many documents are in both · overlap: these over those in any, 1 for two empty lists ·
    rbo: rank-biased overlap, which counts the first ranks most · tau: Kendall's, over the shared documents:
    1 for the same order, −1 for the opposite one, None for fewer than two."""

    one: str
    other: str
    shared: int
    overlap: float
    rbo: float
    tau: float | None


def agreements(lists: Mapping[str, Sequence[str]]) -> list[Agreement]:
    """Every pair of the lists (name → keys, best first), in their order."""
    return [_agreement(one, other, lists[one], lists[other]) for one, other in combinations(lists, 2)]


def only_in(lists: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """What each list alone found, in its order."""
    found: dict[str, list[str]] = {}
    for name, keys in lists.items():
        others = {key for other, listed in lists.items() if other != name for key in listed}
        found[name] = [key for key in keys if key not in others]
    return found


def rank_biased_overlap(one: Sequence[str], other: Sequence[str], p: float = PERSISTENCE) -> float:
    """The overlap at each depth, weighted by p to the power of the depth, and taken on beyond the last.

    Range: 0 to 1; 1 for equal lists, also for two empty ones.
    Source: Webber, Moffat, Zobel: A similarity measure for indefinite rankings, TOIS 2010, equation 32."""
    short, long_ = sorted((one, other), key=len)
    if not short:
        return float(not long_)
    seen_short: set[str] = set()
    seen_long: set[str] = set()
    common = [0]  # at each depth
    for depth in range(len(long_)):
        seen_long.add(long_[depth])
        if depth < len(short):
            seen_short.add(short[depth])
        common.append(len(seen_short & seen_long))
    s, n = len(short), len(long_)
    total = sum(common[d] / d * p**d for d in range(1, n + 1))
    total += sum(common[s] * (d - s) / (s * d) * p**d for d in range(s + 1, n + 1))
    rbo = (1 - p) / p * total + ((common[n] - common[s]) / n + common[s] / s) * p**n
    return round(rbo, 12)  # what floating point adds to 1 is no overlap


def _agreement(name: str, other_name: str, one: Sequence[str], other: Sequence[str]) -> Agreement:
    places = {key: place for place, key in enumerate(other)}
    shared = [key for key in one if key in places]
    either = len(one) + len(other) - len(shared)
    return Agreement(
        one=name,
        other=other_name,
        shared=len(shared),
        overlap=len(shared) / either if either else 1.0,
        rbo=rank_biased_overlap(one, other),
        tau=_tau([places[key] for key in shared]),
    )


def _tau(order: Sequence[int]) -> float | None:
    """Kendall's tau of an order with the ascending one: the share of pairs that are the right way round, less
    that of the others."""
    n = len(order)
    if n < 2:
        return None
    ways = np.tril(np.sign(np.subtract.outer(order, order)))  # (n, n): +1 where the later one is the greater
    return int(ways.sum()) / (n * (n - 1) // 2)
