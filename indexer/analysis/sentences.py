"""Where the sentences of a text are, in both languages."""

import re

from indexer.analysis.folding import HAN

_CLOSING = r"[\"'”’」』）】》)\]]"
_STOP = re.compile(rf"[。！？；…｡.!?\n](?:(?<!\n)[。！？；…｡.!?]*+{_CLOSING}*+)?+\s*+")
_ALWAYS = frozenset("。！？；…｡\n")  # what ends a sentence whatever follows
_HAN = re.compile(f"[{HAN}]")
_ABBREVIATIONS = frozenset(
    "al approx ave capt cf co col corp dept dr ed eds eq etc fig figs gen gov inc jr lt ltd mr mrs ms no "
    "nos pp prof rev sen sr st vol vs".split()
)
_LONGEST = 12  # characters before a full stop that may be an abbreviation


def sentences(text: str) -> list[tuple[int, int]]:
    """The sentences as [start, end), in order; joined, they are the text.

    One ends behind 。！？；… and at the end of a line; behind `.`, `!` and `?` where white space or Chinese
    follows, but not before a small letter, and not behind an abbreviation (`Dr.`, `e.g.`, `U.S.`). Quotes
    and brackets that close there, and the white space behind, belong to it."""
    found: list[tuple[int, int]] = []
    start = 0
    for match in _STOP.finditer(text):
        if not _ALWAYS.isdisjoint(match.group()) or _ends(text, match.group(), match.start(), match.end()):
            found.append((start, match.end()))
            start = match.end()
    if start < len(text):
        found.append((start, len(text)))
    return found


def _ends(text: str, stop: str, place: int, following: int) -> bool:
    """Whether a sentence ends at a stop of `.`, `!` or `?`."""
    if following == len(text) or _HAN.match(text, following):
        return True
    if not stop[-1].isspace() or text[following].islower():
        return False
    return stop[0] != "." or not _is_abbreviation(text[max(0, place - _LONGEST) : place])


def _is_abbreviation(before: str) -> bool:
    """Whether the last word before a full stop is shortened by it: listed, or single letters (`e.g`)."""
    word = "".join(before.split()[-1:]).lstrip("(\"'“‘（").lower()
    return word in _ABBREVIATIONS or (word.isascii() and all(map(_is_letter, word.split("."))))


def _is_letter(text: str) -> bool:
    return len(text) == 1 and text.isalpha()
