"""A small corpus of two topics, and an analysis that needs no library."""

import re
from collections.abc import Sequence

import numpy as np

from indexer.types import Tokens

CATS = [f"猫{number}" for number in range(40)]
SHIPS = [f"ship{number}" for number in range(40)]


def analyse(text: str) -> Tokens:
    """What stands between white space."""
    found = list(re.finditer(r"\S+", text))
    starts, ends = [m.start() for m in found], [m.end() for m in found]
    return Tokens([m.group() for m in found], starts, ends, list(range(len(found))))


def sentences(count: int = 400) -> Sequence[Sequence[str]]:
    """Sentences of eight words, each about cats or about ships."""
    rng = np.random.default_rng(7)
    return [
        [topic[i] for i in rng.integers(len(topic), size=8)]
        for topic in (CATS, SHIPS)
        for _ in range(count // 2)
    ]
