"""A folded text cut into runs of one script each; nothing is lost: the runs, joined, are the text."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from indexer.analysis.folding import HAN

Script = Literal["han", "word", "other"]
"""han: Chinese characters · word: letters and digits of any other script · other: all the rest."""

_HAN_RUN = re.compile(rf"[{HAN}]+")
_TOKEN_RUN = re.compile(rf"(?P<han>[{HAN}]+)|[^\W_{HAN}]+")


class Run(NamedTuple):
    """Characters of one script that stand together; `start` is their place in the folded text."""

    script: Script
    text: str
    start: int


def token_runs(text: str) -> Iterator[Run]:
    """The runs of a folded text that hold terms: Chinese characters, or letters and digits."""
    for match in _TOKEN_RUN.finditer(text):
        yield Run("han" if match.lastgroup else "word", match.group(), match.start())


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
