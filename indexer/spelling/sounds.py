"""How Chinese characters sound: their readings in pinyin, without tones."""

from collections.abc import Iterator
from functools import cache
from itertools import islice, product

MOST_READINGS = 16
"""Readings of a word that are looked at, where its characters have more."""


@cache
def readings(character: str) -> frozenset[str]:
    """All readings of a character; none of one that has no known reading."""
    from pypinyin import Style, pinyin  # when it is first needed: it loads slowly

    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    return frozenset(found[0]) if found else frozenset()


@cache
def blurred(character: str) -> tuple[str, ...]:
    """Its readings as those hear them who do not tell near sounds apart, ascending: zh/z, ch/c, sh/s, n/l at
    the beginning, ng/n at the end. A character without any reads as itself."""
    return tuple(sorted({_blurred(each) for each in readings(character)})) or (character,)


def blurred_words(word: str) -> Iterator[str]:
    """The readings of a word, blurred, at most `MOST_READINGS` of them."""
    return (" ".join(each) for each in islice(product(*map(blurred, word)), MOST_READINGS))


def sound_alike(one: str, other: str) -> bool:
    """Whether two characters have a reading in common."""
    return one == other or not readings(one).isdisjoint(readings(other))


def sound_nearly_alike(one: str, other: str) -> bool:
    """Whether they have one for those who do not tell near sounds apart."""
    return not set(blurred(one)).isdisjoint(blurred(other))


def _blurred(reading: str) -> str:
    if reading[:2] in ("zh", "ch", "sh"):
        reading = reading[0] + reading[2:]
    if reading.startswith("n") and len(reading) > 2:
        reading = "l" + reading[1:]
    return reading.removesuffix("g") if reading.endswith("ng") else reading
