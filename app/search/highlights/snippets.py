"""The piece of a text that says most of what was asked for."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from indexer.analysis import piece_at, sentences


class Place(NamedTuple):
    """[`start`, `end`) of a text, where something stands that was asked for, and what that weighs."""

    start: int
    end: int
    what: Hashable
    weight: int


def snippet(text: str, places: Sequence[Place], length: int) -> tuple[int, int]:
    """The piece of at most `length` characters that holds the most weight, as [start, end).

    What stands there twice weighs once. The piece is widened to whole sentences where they fit, else cut
    between words, or inside of a word that is longer than a piece; never inside of a character as it is
    seen, for whose rest alone it may be longer. places: at least one, ascending; one that is longer than a
    piece counts with its beginning. Ties: the earliest."""
    if len(text) <= length:
        return 0, len(text)
    first, last = _heaviest([_shortened(each, length) for each in places], length)
    start, end = piece_at(text, first, length)[0], piece_at(text, last, length)[1]
    if end - start > length:
        start, end = _characters(text, first, last)
    return _widened(text, start, end, length)


def beginning(text: str, start: int, end: int, length: int) -> tuple[int, int]:
    """The first `length` characters of [start, end), cut as a snippet is, without white space around it."""
    start, end = _stripped(text, start, end)
    if end - start > length:
        last = piece_at(text, start + length, length)
        start, end = _stripped(text, start, last[0] if last[0] > start else last[1])
    return _characters(text, start, end)


def _shortened(place: Place, length: int) -> Place:
    return place if place.end - place.start <= length else place._replace(end=place.start + length)


def _heaviest(places: Sequence[Place], length: int) -> tuple[int, int]:
    """The places that together weigh most, from the start of the first to the end of the last."""
    by_end = sorted(places, key=lambda place: place.end)
    held = Counter[Hashable]()
    weight, most, best, n_ends = 0, -1, places[0], 0
    for place in places:
        while n_ends < len(by_end) and by_end[n_ends].end <= place.start + length:
            entering = by_end[n_ends]
            weight += 0 if held[entering.what] else entering.weight
            held[entering.what] += 1
            n_ends += 1
        if weight > most:
            most, best = weight, place
        held[place.what] -= 1
        weight -= 0 if held[place.what] else place.weight
    return best.start, _reached(by_end, best, most)


def _reached(by_end: Sequence[Place], first: Place, weight: int) -> int:
    """Where the places from `first` on have come to a weight."""
    held: set[Hashable] = set()
    end = first.end
    for place in by_end:
        if weight > 0 and place.start >= first.start and place.what not in held:
            held.add(place.what)
            weight -= place.weight
            end = max(end, place.end)
    return end


def _widened(text: str, first: int, last: int, length: int) -> tuple[int, int]:
    """The piece around [first, last), which may be cut there."""
    borders = [0, *(end for _, end in sentences(text))]
    start, end = borders[bisect_right(borders, first) - 1], borders[bisect_left(borders, last)]
    if end - start <= length:
        end = borders[bisect_right(borders, start + length) - 1]
        start = borders[bisect_left(borders, end - length)]
    elif last - start <= length:
        end = piece_at(text, start + length, length)[0]
    elif end - first <= length:
        start = piece_at(text, end - length, length)[1]
    else:
        start = piece_at(text, max(0, first - (length - last + first) // 2), length)[1]
        end = piece_at(text, min(start, first) + length, length)[0]
    start, end = _stripped(text, start, end)
    return _characters(text, min(start, first), max(end, last))


def _characters(text: str, start: int, end: int) -> tuple[int, int]:
    """The whole characters that [start, end) touches."""
    return piece_at(text, start, 0)[0], piece_at(text, end, 0)[1]


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    """[start, end) without the white space around it."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
