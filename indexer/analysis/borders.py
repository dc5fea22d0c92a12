"""Where a text may be cut: neither inside of a word, nor inside of what is seen as one character."""

import regex

_LETTERS = r"(?:(?=[[\p{L}\p{N}]--\p{Han}])\X)++"
_PIECE = regex.compile(rf"(?V1){_LETTERS}(?:[.'’_-]{_LETTERS})*+|\X")
_CHARACTER = regex.compile(r"\X")
_SAFE = regex.compile(r"(?V1)(?r)(?<!\p{GCB=Prepend})[[\p{Han}\s]--\n]")  # there is a border before it


def piece_at(text: str, place: int, longest: int) -> tuple[int, int]:
    """The word or character that a place is inside of, as [start, end); (place, place) where it is in none.

    A word is a run of letters and digits that are not Chinese, also with single signs in it (`node.js`,
    `don't`); one of more than `longest` characters is cut like others. A character is an extended grapheme
    cluster. Source: Unicode Standard Annex 29, Unicode text segmentation."""
    safe = _SAFE.search(text, 0, place)
    start, end = _around(_PIECE, text, safe.start() if safe else 0, place)
    return _around(_CHARACTER, text, start, place) if end - start > longest else (start, end)


def _around(pattern: "regex.Pattern[str]", text: str, begin: int, place: int) -> tuple[int, int]:
    """The match that a place is inside of, where the matches follow each other from `begin` on."""
    for match in pattern.finditer(text, begin):
        if match.end() > place:
            return (match.start(), match.end()) if match.start() < place else (place, place)
    return place, place
