"""A folded text cut into runs of one script each; nothing is lost: the runs, joined, are the text."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from indexer.analysis.folding import HAN

Script = Literal["han", "latin", "letters", "other"]
"""han: Chinese characters · latin: Latin letters and digits · letters: those of all other scripts ·
other: what is no letter and no digit."""

LATIN = "0-9a-z\u00df-\u00f6\u00f8-\u024f\u1e00-\u1eff"  # of a folded text: small letters
LETTER = rf"[^\W_{HAN}{LATIN}]"  # of all other scripts
_TOKEN_RUN = re.compile(rf"(?P<han>[{HAN}]+)|(?P<latin>[{LATIN}]+)|(?P<letters>{LETTER}+)")
_INSIDE = re.compile(rf"[{LATIN}]{{2}}|{LETTER}{{2}}")
_NAMED: dict[str | None, Script] = {"han": "han", "latin": "latin", "letters": "letters"}


class Run(NamedTuple):
    """Characters of one script that stand together; `start` is their place in the folded text."""

    script: Script
    text: str
    start: int

    @property
    def atoms(self) -> int:
        """How many positions it takes: each Chinese character is one, any other run is one as a whole."""
        return len(self.text) if self.script == "han" else 1


def token_runs(text: str, first: int = 0) -> Iterator[Run]:
    """The runs of a folded text that hold terms: all but those of `other`, from the place `first` on."""
    for match in _TOKEN_RUN.finditer(text, first):
        yield Run(_NAMED[match.lastgroup], match.group(), match.start())


def runs(text: str) -> Iterator[Run]:
    """All runs of a folded text, in order: joined, they are the text."""
    end = 0
    for run in token_runs(text):
        if run.start > end:
            yield Run("other", text[end : run.start], end)
        yield run
        end = run.start + len(run.text)
    if end < len(text):
        yield Run("other", text[end:], end)


def divides(text: str, place: int) -> bool:
    """Whether a place in a folded text is inside of a run of letters, which nothing divides."""
    return place > 0 and _INSIDE.match(text, place - 1) is not None
