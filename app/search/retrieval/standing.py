"""Where one document stands in what a retriever finds."""

from typing import NamedTuple


class Standing(NamedTuple):
    """The exact score of a document, in units of 2⁻²⁰, and its rank among all that a retriever finds at any
    depth. of: how many these are; None where nobody counted."""

    score: int
    rank: int
    of: int | None
