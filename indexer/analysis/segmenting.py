"""The words of many texts at once, as spans of their atoms."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.folding import HAN
from indexer.analysis.identifiers import LONGEST
from indexer.analysis.lexicon import Lexicon
from indexer.analysis.scanning import CHINESE, JOINED, SEPARATOR, Atoms
from indexer.analysis.vocabulary import Offsets

_NOT_CHINESE = re.compile(rf"[^{HAN}]+")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a batch, in order: the bytes `starts` to `ends`, the first atom, and whether it is a
    whole of which its parts are words as well."""

    firsts: Offsets
    starts: Offsets
    ends: Offsets
    whole: NDArray[np.bool_]


def words(folded: Sequence[str], found: Atoms, lexicon: Lexicon) -> Words:
    """The words of folded texts, whose atoms are given."""
    firsts = np.flatnonzero(_begin_a_word(folded, found, lexicon))
    lasts = np.append(firsts, len(found.kinds))[1:] - 1
    starts, ends = found.starts[firsts], found.ends[lasts]
    whole = np.zeros(len(firsts), np.bool_)
    more_starts, more_ends = _wholes(folded, found, lexicon)
    if not len(more_starts):
        return Words(firsts, starts, ends, whole)
    more_firsts = np.searchsorted(found.starts, more_starts)
    places = np.searchsorted(firsts, more_firsts)
    return Words(
        np.insert(firsts, places, more_firsts),
        np.insert(starts, places, more_starts),
        np.insert(ends, places, more_ends),
        np.insert(whole, places, True),
    )


def _begin_a_word(folded: Sequence[str], found: Atoms, lexicon: Lexicon) -> NDArray[np.bool_]:
    """For each atom whether a word begins with it: all but the later characters of Chinese words."""
    begins: NDArray[np.bool_] = found.kinds != CHINESE
    chinese = np.flatnonzero(~begins)
    if len(chinese):
        # All in one call: a line end parts words, so that each run is cut as if it stood alone.
        text = _NOT_CHINESE.sub(SEPARATOR, SEPARATOR.join(text for text in folded if not text.isascii()))
        sizes = [len(word) for word in lexicon.cut(text) if word != SEPARATOR]
        begins[chinese[np.cumsum(sizes) - sizes]] = True
    return begins


def _wholes(folded: Sequence[str], found: Atoms, lexicon: Lexicon) -> tuple[Offsets, Offsets]:
    """Where the wholes start and end, in bytes, in the order of the text: those of `Lexicon.wholes`."""
    starts, ends = _identifiers(found)
    if not lexicon.mixed:
        return starts, ends
    listed = np.array(list(lexicon.mixed.find(SEPARATOR.join(folded))), np.int64).reshape(-1, 2)
    # Bytes that continue a character are left out: what remains is where each character begins.
    in_bytes = np.append(np.flatnonzero(found.octets & 0xC0 != 0x80), len(found.octets))[listed]
    every = np.unique(np.concatenate([np.stack([starts, ends], axis=1), in_bytes]), axis=0)
    return every[:, 0], every[:, 1]


def _identifiers(found: Atoms) -> tuple[Offsets, Offsets]:
    """Where the names start and end, in bytes: those of `identifiers`."""
    joined = found.links == JOINED
    joined_before = np.append(False, joined[:-1])[: len(joined)]
    named = (found.links != 0) | joined_before
    firsts, lasts = np.flatnonzero(named & ~joined_before), np.flatnonzero(named & ~joined)
    starts, ends = found.starts[firsts], found.ends[lasts] + found.links[lasts]
    short = ends - starts <= LONGEST
    return starts[short], ends[short]
