"""Words as a text: with spaces between them where they are written so."""

import re
from collections.abc import Sequence

from indexer.analysis import HAN
from indexer.encoders.rnn.words import CONTINUED

_ENDS_CHINESE = re.compile(f"[{HAN}]$")
_BEGINS_CHINESE = re.compile(f"^[{HAN}]")


def joined(words: Sequence[str]) -> str:
    """The words one behind the other: a piece that goes on within a word without a space before it, as
    Chinese behind Chinese; all others with one."""
    text = ""
    for word in words:
        text += word.removeprefix(CONTINUED) if not text else f"{_between(text, word)}"
    return text


def _between(text: str, word: str) -> str:
    if word.startswith(CONTINUED):
        return word.removeprefix(CONTINUED)
    if _ENDS_CHINESE.search(text) and _BEGINS_CHINESE.search(word):
        return word
    return f" {word}"
