"""Where terms stand one after the other: phrases, found by the positions of their terms."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.errors import MismatchError
from indexer.jit import compiled
from indexer.lexical.arrays import Arrays
from indexer.lexical.base import LexicalStore
from indexer.lexical.lookup import holders, ordinals_of
from indexer.lexical.occurrences import Occurrences
from indexer.lexical.packing import Values
from indexer.lexical.selection import bits_of, holds
from indexer.types import Ordinals

_CHUNK = 1 << 15  # documents looked into at once: bounds the memory of frequent terms

Places = NDArray[np.int64]


class Placed(NamedTuple):
    """A term of a phrase; `position` is its place in it, none below that of the term before it."""

    view: str
    term: str
    position: int


class _Partial(NamedTuple):
    """Beginnings of a phrase that may go on: which field of which document (ascending), where the first
    term of it stands, where the last."""

    slots: Places
    firsts: Values
    lasts: Values


def together(arrays: Arrays, terms: Collection[tuple[str, str]], fields: Collection[str]) -> Ordinals:
    """The documents that hold all of these terms (view, term), each in any of these fields; ascending."""
    numbers = [int(arrays.numbers(view, [term])[0]) for view, term in terms]
    if not numbers or min(numbers) < 0:
        return np.empty(0, np.int32)
    numbers.sort(key=lambda number: int(arrays.postings.df[number]))
    found = holders(arrays, numbers[0], fields)
    for number in numbers[1:]:
        if len(found):
            found = found[holds(bits_of(holders(arrays, number, fields), arrays.n_docs), found)]
    return found


def phrase_documents(
    store: LexicalStore, arrays: Arrays, phrase: Sequence[Placed], slop: int, fields: Collection[str]
) -> Ordinals:
    """The documents with the phrase in one of these fields, ascending; all its views have positions.

    The terms stand in their order, as far apart as in the phrase or up to `slop` positions more in all."""
    distinct = dict.fromkeys((each.view, each.term) for each in phrase)
    documents = together(arrays, distinct, fields)
    if len(phrase) == 1 or not len(documents):
        return documents
    search = _Search(store, arrays, phrase, slop, fields)
    chunks = range(0, len(documents), _CHUNK)
    return np.concatenate([search.among(documents[first : first + _CHUNK]) for first in chunks])


class _Search:
    """One phrase, ready to be looked for in any documents."""

    def __init__(
        self,
        store: LexicalStore,
        arrays: Arrays,
        phrase: Sequence[Placed],
        slop: int,
        fields: Collection[str],
    ) -> None:
        self._phrase = phrase
        self._slop = slop
        self._wanted = np.array([field in fields for field in arrays.fields], np.bool_)
        self._terms: dict[tuple[str, str], tuple[Ordinals, Occurrences]] = {}
        for view, term, _ in phrase:
            if (view, term) not in self._terms:
                occurrences = store.occurrences(view, term)
                if occurrences is None:
                    raise MismatchError(
                        f"The view `{view}` holds no positions of `{term}`: rebuild the index."
                    )
                ordinals = ordinals_of(arrays, int(arrays.numbers(view, [term])[0]))
                self._terms[view, term] = ordinals, occurrences

    def among(self, documents: Ordinals) -> Ordinals:
        """Those of the documents with the phrase; each of them holds all of its terms."""
        first, *others = self._phrase
        partial = _begin(*self._positions(first, documents), self._wanted)
        position = first.position
        for each in others:
            gap, most = each.position - position, each.position - first.position + self._slop
            partial = _follow(partial, *self._positions(each, documents), gap, most)
            position = each.position
        return documents[np.unique(partial.slots // len(self._wanted))]

    def _positions(self, each: Placed, documents: Ordinals) -> tuple[Values, Places]:
        ordinals, occurrences = self._terms[each.view, each.term]
        return occurrences.at(np.searchsorted(ordinals, documents).astype(np.int64))


@compiled
def _begin(positions: Values, begins: Places, wanted: NDArray[np.bool_]) -> _Partial:
    """Every place of the first term in a wanted field.

    begins (n · n_fields + 1,): where those in each field of each document begin."""
    slots = np.empty(len(positions), np.int64)
    n = 0
    for slot in range(len(begins) - 1):
        if wanted[slot % len(wanted)]:
            for at in range(begins[slot], begins[slot + 1]):
                slots[n] = slot
                positions[n] = positions[at]
                n += 1
    return _Partial(slots[:n], positions[:n], positions[:n].copy())


@compiled
def _follow(partial: _Partial, positions: Values, begins: Places, gap: int, most: int) -> _Partial:
    """What goes on with the next term: at its first place that is `gap` behind the last term or farther,
    and at most `most` behind the first. No later place of it would leave more room."""
    slots, firsts, lasts = partial
    n = 0
    slot = np.int64(-1)
    at = np.int64(0)
    for i in range(len(slots)):
        if slots[i] != slot:
            slot = slots[i]
            at = begins[slot]
        while at < begins[slot + 1] and positions[at] < lasts[i] + gap:
            at += 1
        if at < begins[slot + 1] and positions[at] <= firsts[i] + most:
            slots[n] = slot
            firsts[n] = firsts[i]
            lasts[n] = positions[at]
            n += 1
    return _Partial(slots[:n], firsts[:n], lasts[:n])
