"""Where one document stands in the whole of what a retriever finds."""

from typing import NamedTuple


class Standing(NamedTuple):
    """The exact score of a document, in units of 2⁻²⁰, its rank among all that a retriever finds at any
    depth, and how many these are."""

    score: int
    rank: int
    of: int
