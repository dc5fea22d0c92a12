"""The atoms of many texts at once, found by a compiled loop over their bytes.

An atom is one Chinese character, or one run of Latin letters and digits, or one of other letters; what
stands between atoms is lost. Which character is what, `runs.py` says."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.runs import Script, runs
from indexer.analysis.vocabulary import Octets, Offsets
from indexer.jit import compiled

SEPARATOR = "\n"  # between two texts: no letter, so that no run goes from one into the next
Kinds = NDArray[np.uint8]
OTHER, CHINESE, LATIN, LETTERS = range(4)
_KINDS: dict[Script, int] = {"other": OTHER, "han": CHINESE, "latin": LATIN, "letters": LETTERS}
JOINED = 255
_DOT, _LOW_LINE, _HYPHEN, _PLUS, _SHARP, _ZERO, _NINE = b"._-+#09"


@dataclass(frozen=True, slots=True)
class Atoms:
    """The atoms of a batch of folded texts, as columns over all of them.

    Atom i is the bytes `starts[i]` to `ends[i]` of `octets`; its kind is CHINESE, LATIN or LETTERS. Those of
    text t are the atoms `begins[t]` to `begins[t + 1]`. `links[i]` is JOINED where a sign joins the atom to
    the next in one name, else the size of the sign that follows it in a name: see `identifiers.py`."""

    octets: Octets
    starts: Offsets
    ends: Offsets
    kinds: Kinds
    links: NDArray[np.uint8]
    begins: Offsets


def atoms(folded: Sequence[str]) -> Atoms:
    """The atoms of folded texts."""
    encoded = [text.encode() for text in folded]
    sizes = np.fromiter(map(len, encoded), np.int64, len(encoded))
    octets = np.frombuffer(bytearray(SEPARATOR.encode()).join(encoded), np.uint8)
    stops = np.cumsum(sizes + 1) - 1
    starts, ends = np.empty(len(octets), np.int64), np.empty(len(octets), np.int64)
    kinds, links = np.empty(len(octets), np.uint8), np.empty(len(octets), np.uint8)
    begins = np.empty(len(encoded) + 1, np.int64)
    _scan(octets, stops - sizes, stops, _kinds(), starts, ends, kinds, links, begins)
    count = begins[-1]
    return Atoms(octets, starts[:count], ends[:count], kinds[:count], links[:count], begins)


@cache
def _kinds() -> Kinds:
    """The script of every code point."""
    kinds = np.empty(sys.maxunicode + 1, np.uint8)
    for script, text, start in runs("".join(map(chr, range(sys.maxunicode + 1)))):
        kinds[start : start + len(text)] = _KINDS[script]
    return kinds


@compiled
def _scan(
    octets: Octets,
    text_starts: Offsets,
    text_stops: Offsets,
    script: Kinds,
    starts: Offsets,
    ends: Offsets,
    kinds: Kinds,
    links: NDArray[np.uint8],
    begins: Offsets,
) -> None:
    """Fills the columns of the atoms."""
    count = 0
    for text in range(len(text_starts)):
        begins[text] = count
        place, stop = text_starts[text], text_stops[text]
        while place < stop:
            code_point, size = _decode(octets, place)
            kind = script[code_point]
            start = place
            place += size
            if kind == OTHER:
                continue
            while kind != CHINESE and place < stop:
                code_point, size = _decode(octets, place)
                if script[code_point] != kind:
                    break
                place += size
            starts[count], ends[count], kinds[count] = start, place, kind
            links[count] = _link(octets, place, stop, script) if kind == LATIN else 0
            count += 1
    begins[len(text_starts)] = count


@compiled
def _link(octets: Octets, place: int, stop: int, script: Kinds) -> int:
    """The link of a Latin run that ends before `place`."""
    sign = octets[place] if place < stop else 0
    if sign not in (_DOT, _LOW_LINE, _HYPHEN, _PLUS, _SHARP):
        return 0
    follows = octets[place + 1] if place + 1 < stop else 0
    if sign == _PLUS:
        return 2 if follows == _PLUS else 0
    if sign == _HYPHEN:
        return JOINED if _ZERO <= follows <= _NINE else 0
    latin = place + 1 < stop and script[_decode(octets, place + 1)[0]] == LATIN
    if sign == _SHARP:
        return 0 if latin else 1
    return JOINED if latin else 0


@compiled
def _decode(octets: Octets, place: int) -> tuple[np.int64, int]:
    """The code point that begins at a byte, and its size in bytes."""
    lead = np.int64(octets[place])
    if lead < 0x80:
        return lead, 1
    if lead < 0xE0:
        return (lead & 0x1F) << 6 | _tail(octets, place + 1), 2
    if lead < 0xF0:
        return (lead & 0x0F) << 12 | _tail(octets, place + 1) << 6 | _tail(octets, place + 2), 3
    high = (lead & 0x07) << 18 | _tail(octets, place + 1) << 12
    return high | _tail(octets, place + 2) << 6 | _tail(octets, place + 3), 4


@compiled
def _tail(octets: Octets, place: int) -> np.int64:
    """What a byte that continues a character holds of it."""
    return np.int64(octets[place]) & 0x3F
