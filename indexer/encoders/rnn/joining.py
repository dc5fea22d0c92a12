"""Words as a text: with spaces between them where they are written so."""

import re
from collections.abc import Sequence

from indexer.analysis import HAN
from indexer.encoders.rnn.words import CONTINUED

_WIDE = rf"[{HAN}\u3001-\u303f\uff01-\uff65]"  # Chinese, and the signs that are written with it
_TOGETHER = re.compile(rf"{_WIDE} {_WIDE}|. [.,;:!?)\]}}%’”]|[(\[{{“‘] .")


def joined(words: Sequence[str]) -> str:
    """The words one behind the other with a space between two, but for Chinese beside Chinese, signs that
    stand at a word, and a piece that goes on within a word."""
    text = ""
    for word in words:
        if word.startswith(CONTINUED) or not text:
            text += word.removeprefix(CONTINUED)
        else:
            text += word if _TOGETHER.fullmatch(f"{text[-1]} {word[0]}") else f" {word}"
    return text
