"""Text as it is compared: one form for what differs only in case, width, accents or script variant."""

import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from opencc import OpenCC

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
_FIRST_HAN = "\u3400"
_UTF32 = "utf-32-le"
_UNKNOWN, _IRREGULAR = -1, -2  # code points not met yet, and those that do not become just one
# Conjoining vowels and finals of Hangul: they join the letter before them, without being combining marks.
_FIRST_JAMO, _LAST_JAMO = "\u1160", "\u11ff"


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text, and where each of its characters came from.

    `starts` and `ends` hold, for each character of `text`, the span of the original that it stands for;
    None means that each character stands for the one at its own place."""

    text: str
    starts: list[int] | None = None
    ends: list[int] | None = None

    def start(self, index: int) -> int:
        """Where character `index` begins in the original."""
        return index if self.starts is None else self.starts[index]

    def end(self, index: int) -> int:
        """Where the character before `index` ends in the original; `index` is an exclusive end."""
        return index if self.ends is None else self.ends[index - 1]


def fold(text: str) -> Folded:
    """NFKC, case-folded, Latin letters without accents, traditional characters as simplified ones.

    Idempotent. Characters that nobody sees (soft hyphen, zero-width space) are dropped. One character
    becomes one character for nearly every text, so that offsets need no table."""
    if text.isascii():
        return Folded(text.lower())
    folded = text.translate(_TABLE)
    if _TABLE.irregular.isdisjoint(text):
        return Folded(folded)
    return _fold_by_groups(text)


def fold_all(texts: Sequence[str]) -> list[Folded]:
    """What `fold` makes of each text; they fold much faster together."""
    others = iter(_fold_others([text for text in texts if not text.isascii()]))
    return [Folded(text.lower()) if text.isascii() else next(others) for text in texts]


def _fold_others(texts: Sequence[str]) -> Iterator[Folded]:
    """The same through arrays of code points, but for the texts with irregular ones."""
    code_points = np.frombuffer("".join(texts).encode(_UTF32), np.dtype("<i4"))
    for code_point in np.unique(code_points[_FOLDED[code_points] == _UNKNOWN]).tolist():
        character = _TABLE[code_point]
        _FOLDED[code_point] = _IRREGULAR if chr(code_point) in _TABLE.irregular else ord(character)
    folded = _FOLDED[code_points]
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    irregular = set(np.searchsorted(ends, np.flatnonzero(folded == _IRREGULAR), side="right").tolist())
    together = np.maximum(folded, 0).astype("<i4").tobytes().decode(_UTF32)
    for number, (text, end) in enumerate(zip(texts, ends.tolist(), strict=True)):
        regular = number not in irregular
        yield Folded(together[end - len(text) : end]) if regular else _fold_by_groups(text)


def _fold_by_groups(text: str) -> Folded:
    """The same for texts with marks, ligatures or invisible characters: base and marks fold together.

    The table holds all of their characters by now."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    while position < len(text):
        end = position + 1
        while end < len(text) and text[end] in _TABLE.joining:
            end += 1
        piece = _TABLE[ord(text[position])] if end == position + 1 else _fold_group(text[position:end])
        parts.append(piece)
        starts.extend([position] * len(piece))
        ends.extend([end] * len(piece))
        position = end
    return Folded("".join(parts), starts, ends)


def _joins(character: str) -> bool:
    """Whether a character belongs to the one before it."""
    return (
        unicodedata.combining(character) != 0
        or _is_invisible(character)
        or _FIRST_JAMO <= character <= _LAST_JAMO
    )


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f"


def _fold_group(group: str) -> str:
    visible = "".join(character for character in group if not _is_invisible(character))
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())
    return "".join(map(_simplified, _without_accents(folded)))


def _without_accents(text: str) -> str:
    """Latin letters lose their marks; marks of other scripts are part of the letter and stay."""
    if text.isascii():
        return text
    kept: list[str] = []
    for character in unicodedata.normalize("NFD", text):
        if unicodedata.combining(character) and kept and "a" <= kept[-1] <= "z":
            continue
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


@cache
def _simplified(character: str) -> str:
    """The simplified form of one character, whatever stands beside it.

    OpenCC's own conversion looks at phrases, so that a character would fold differently in a query than
    in a document; one character at a time it is a function."""
    if character < _FIRST_HAN:
        return character
    converted: str = _converter().convert(character)
    if len(converted) != 1 or converted == character:
        return character
    return _simplified(converted)


class _Table(dict[int, str]):
    """Code point → its folded form, filled as characters are met."""

    def __init__(self) -> None:
        super().__init__()
        self.irregular: set[str] = set()  # those that do not stand alone, one for one
        self.joining: set[str] = set()  # of these, those that belong to the one before them

    def __missing__(self, code_point: int) -> str:
        character = chr(code_point)
        folded = _fold_group(character)
        if _joins(character):
            self.joining.add(character)
        if len(folded) != 1 or character in self.joining:
            self.irregular.add(character)
        self[code_point] = folded
        return folded


_TABLE = _Table()
_FOLDED = np.full(sys.maxunicode + 1, _UNKNOWN, np.int32)  # the same as an array, for `fold_all`
