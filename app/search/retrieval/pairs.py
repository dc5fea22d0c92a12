"""The cosine of two texts as a sum over pairs of their words."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.encoders import WHOLE, TokenVector
from indexer.types import SCORE_UNIT, Part, Scores, to_score

ROUNDING = "(rounding)"
"""The part that is left when the shares of words are rounded: below 2⁻²⁰ for each."""
QUANTISATION = "(quantisation)"
"""The part that is due to an index that keeps vectors compressed."""
OTHER_WORDS = "(other words)"

COSINE, PAIR = "cosine", "cosine.pair"
"""The formulas of what a word of the query adds, and what it adds beside one word of the document."""

MOST_PAIRS = 5
"""Words of the document that are named beside one of the query; the others are one part."""


def pair_parts(
    query: Sequence[TokenVector], document: Sequence[TokenVector], score: int, exact: int
) -> list[Part]:
    """A part for each known word of the query, whose parts are the words of the document beside it.

    Both texts are means, q = Σ a·x and d = Σ b·y, so that q·d = Σ a·b·(x·y) over all pairs. Each pair is
    rounded to units of 2⁻²⁰ once, and the parts sum to `score` exactly: what rounding leaves is a part, and
    so is what the index lost when it compressed the document's vector; `exact` is the score of the vector as
    it was."""
    words, weighted = _words(query)
    others, beside = _words(document)
    shares = to_score(weighted @ beside.T)
    parts = [
        _part(word, int(row.sum()), COSINE, _beside(others, row))
        for word, row in zip(words, shares, strict=True)
    ]
    rounding = exact - int(shares.sum())
    left = {ROUNDING: rounding, QUANTISATION: score - exact}
    return parts + [_part(name, each, name.strip("()")) for name, each in left.items() if each]


def word_parts(query: Sequence[TokenVector], best: NDArray[np.float64], score: int) -> list[Part]:
    """A part for each known word of the query, where nothing is known of the document but its vector.

    Shapes: best (dims,)."""
    words, weighted = _words(query)
    shares = to_score(weighted @ best)
    parts = [_part(word, int(share), COSINE) for word, share in zip(words, shares, strict=True)]
    rounding = score - int(shares.sum())
    return parts + ([_part(ROUNDING, rounding, ROUNDING.strip("()"))] if rounding else [])


def _words(tokens: Iterable[TokenVector]) -> tuple[list[str], NDArray[np.float64]]:
    """The known words, each once, and of each the sum of weight · vector. Shapes: (n_words, dims)."""
    sums: dict[str, NDArray[np.float64]] = {}
    for token in tokens:
        if (
            token.vector is not None
        ):  # which differs from place to place where it depends on what is beside it
            sums[token.term] = sums.get(token.term, np.float64(0)) + token.vector * np.float64(token.weight)
    return list(sums), np.array(list(sums.values()), np.float64).reshape(len(sums), -1)


def _beside(words: Sequence[str], shares: Scores) -> list[Part]:
    """The words with the largest shares, up or down, and the others together. Ties: by their order."""
    order = np.argsort(-np.abs(shares), kind="stable")[:MOST_PAIRS].tolist()
    named = shares[order].tolist()
    parts = [_part(words[place], share, PAIR) for place, share in zip(order, named, strict=True)]
    if n_others := len(words) - len(order):
        left = (int(shares.sum()) - sum(named)) / SCORE_UNIT
        parts.append(Part(OTHER_WORDS, left, details={"words": n_others}, formula=PAIR))
    return parts


def _part(name: str, score: int, formula: str, parts: Sequence[Part] = ()) -> Part:
    """A part; one that is of no word, but of a text as a whole, says that it cannot be split."""
    details = {"opaque": True} if name == WHOLE else {}
    return Part(name, score / SCORE_UNIT, details=details, parts=parts, formula=formula)
