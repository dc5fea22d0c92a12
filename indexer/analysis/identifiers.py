"""Names with signs in them, as `node.js`, `utf-8`, `foo_bar`, `3.11.7` and `c++`.

Runs of Latin letters and digits make one name where a dot or a low line stands between them, or a hyphen
before a digit; so does one with `++` or `#` after it. What hyphens join otherwise is ordinary English."""

import re

from indexer.analysis.runs import LATIN

LONGEST = 64  # bytes of UTF-8; what is longer is no name

_RUN = rf"[{LATIN}]++"
_MORE = rf"(?:(?:[._]|-(?=[0-9])){_RUN})"
_SIGN = rf"(?:\+\+|\#(?![{LATIN}]))"
_IDENTIFIER = re.compile(rf"(?<![{LATIN}]){_RUN}(?:{_MORE}++{_SIGN}?+|{_SIGN})")


def identifiers(text: str) -> list[tuple[int, int]]:
    """Where the names stand in a folded text, as [start, end), in order; none overlaps another."""
    return [match.span() for match in _IDENTIFIER.finditer(text) if len(match.group().encode()) <= LONGEST]
