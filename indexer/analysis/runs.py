"""A folded text cut into runs of one script each; nothing is lost: the runs, joined, are the text."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from indexer.analysis.folding import HAN

Script = Literal["han", "latin", "letters", "other"]
"""han: Chinese characters · latin: Latin letters and digits · letters: those of all other scripts ·
other: what is no letter and no digit."""

LATIN = "0-9a-z\u00df-\u00f6\u00f8-\u024f\u1e00-\u1eff"  # of a folded text: small letters
_HAN_RUN = re.compile(rf"[{HAN}]+")
_TOKEN_RUN = re.compile(rf"(?P<han>[{HAN}]+)|(?P<latin>[{LATIN}]+)|(?P<letters>[^\W_{HAN}{LATIN}]+)")
_SCRIPTS: dict[str | None, Script] = {"han": "han", "latin": "latin", "letters": "letters"}


class Run(NamedTuple):
    """Characters of one script that stand together; `start` is their place in the folded text."""

    script: Script
    text: str
    start: int


def token_runs(text: str) -> Iterator[Run]:
    """The runs of a folded text that hold terms: all but those of `other`."""
    for match in _TOKEN_RUN.finditer(text):
        yield Run(_SCRIPTS[match.lastgroup], match.group(), match.start())


def han_runs(text: str) -> Iterator[Run]:
    """Those of Chinese characters alone."""
    if not text.isascii():
        for match in _HAN_RUN.finditer(text):
            yield Run("han", match.group(), match.start())


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
