"""How large one filter may be, whatever it is made of, and the error of one that is broken."""

from indexer.errors import InputError
from indexer.filters import Place

MOST_DEPTH = 32
MOST_CONDITIONS = 1_024
MOST_BYTES = 64 << 10


class Bounds:
    """What of its bounds a filter has used up; all of the texts and objects in it count together."""

    def __init__(self) -> None:
        self._conditions = 0
        self._bytes = 0

    def count_condition(self, place: Place) -> None:
        """Counts one condition. Raises: InputError where it is one too many."""
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            raise wrong(place, f"a filter has at most {MOST_CONDITIONS:,} conditions")

    def count_text(self, text: str, place: Place) -> None:
        """Counts the bytes of a text. Raises: InputError where they are too many, or no Unicode."""
        self._bytes += len(_encoded(text, place))
        if self._bytes > MOST_BYTES:
            raise wrong(place, f"a filter has at most {MOST_BYTES >> 10} KiB of text")


def _encoded(text: str, place: Place) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise wrong(place, f"expected Unicode text, found a lone surrogate at {error.start}") from None


def check_depth(depth: int, place: Place) -> None:
    """Raises InputError where something stands too deep in a filter."""
    if depth > MOST_DEPTH:
        raise wrong(place, f"conditions stand in each other at most {MOST_DEPTH} deep")


def wrong(place: Place, what: str) -> InputError:
    """The error of a filter that is broken there."""
    return InputError(f"{place}{what}.", pointer=place.pointer, code="filter_syntax")


def short(text: str) -> str:
    """A text in a message."""
    return text if len(text) <= 20 else text[:20] + "…"
