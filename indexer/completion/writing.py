"""What was counted in a build becomes the n-grams of an index."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.completion.counting import BITS
from indexer.completion.ngrams import Ngrams, Numbers
from indexer.completion.tables import Table
from indexer.completion.words import Words

LONGEST = 32
"""Characters of a word that is worth to be suggested."""
MOST_WORDS = 500_000
MOST_TRIPLES = 1_000_000
"""Where there are more triples, those that occur once are not kept: the pairs in them are."""
USUAL_DISCOUNT = 0.75
"""Where there is nothing to estimate it from."""

_MASK = (1 << BITS) - 1

Frequencies = NDArray[np.int64]


def write_ngrams(
    folder: Path, forms: Sequence[str], df: Frequencies, cf: Frequencies, pairs: Table, triples: Table
) -> None:
    """Writes the n-grams of the most frequent words into `folder`, which is created.

    forms: by the number less 1 that they have in the tables, with their frequencies. Ties: smaller form."""
    chosen = _chosen(forms, cf)
    renumbered = np.full(len(forms) + 1, -1, np.int64)  # by the number in the tables
    renumbered[chosen + 1] = np.arange(len(chosen))
    seconds = renumbered[pairs.keys & _MASK]
    preceded = np.bincount(seconds[seconds >= 0], minlength=len(chosen))
    pair_preceded = _preceded(pairs, triples)
    pairs, kept = _inside(pairs, renumbered, 2)
    pair_preceded = pair_preceded[kept]
    triples, _ = _inside(triples, renumbered, 3)
    places, there = _places(pairs.keys, triples.keys >> BITS)
    places, triples = places[there], triples.at(there)
    discounts = [discount(each) for each in (preceded, pair_preceded, triples.counts)]
    followed = np.bincount(places, triples.counts, minlength=len(pairs.keys))
    if len(triples.keys) > MOST_TRIPLES:
        often = triples.counts > 1
        places, triples = places[often], triples.at(often)
    Ngrams(
        words=Words.of([forms[number] for number in chosen.tolist()]),
        documents=df[chosen].astype(np.int32),
        preceded=preceded.astype(np.int32),
        pair_begins=_begins(pairs.keys >> BITS, len(chosen)),
        pair_words=(pairs.keys & _MASK).astype(np.int32),
        pair_documents=pairs.documents,
        pair_preceded=pair_preceded.astype(np.int32),
        pair_followed=followed.astype(np.int32),
        triple_begins=_begins(places, len(pairs.keys)),
        triple_words=(triples.keys & _MASK).astype(np.int32),
        triple_counts=triples.counts,
        triple_documents=triples.documents,
        discounts=np.array(discounts),
    ).save(folder)


def discount(counts: NDArray[np.integer[Any]]) -> float:
    """What is taken from each count, estimated from how many are 1 and 2: n₁ / (n₁ + 2 n₂).

    Range: above 0, below 1. Source: Ney, Essen, Kneser: On structuring probabilistic dependences in
    stochastic language modelling, 1994."""
    ones, twos = (int(np.count_nonzero(counts == number)) for number in (1, 2))
    return ones / (ones + 2 * twos) if ones and twos else USUAL_DISCOUNT


def _chosen(forms: Sequence[str], cf: Frequencies) -> NDArray[np.int64]:
    """The numbers of the words that are kept, by their bytes ascending."""
    worth = [number for number, form in enumerate(forms) if len(form) <= LONGEST]
    named = np.array(sorted(worth, key=forms.__getitem__), np.int64)
    kept = np.sort(np.argsort(-cf[named], kind="stable")[:MOST_WORDS])
    return named[kept]


def _preceded(pairs: Table, triples: Table) -> NDArray[np.int64]:
    """How many different words stand before each pair; 1 where its triples were too rare to be kept."""
    suffixes, counts = np.unique(triples.keys & ((1 << 2 * BITS) - 1), return_counts=True)
    places, there = _places(suffixes, pairs.keys)
    found = np.ones(len(places), np.int64)
    found[there] = counts[places[there]]
    return found


def _inside(table: Table, renumbered: NDArray[np.int64], n: int) -> tuple[Table, NDArray[np.int64]]:
    """The n-grams of kept words alone, with keys of the new numbers, ascending; and where each was."""
    keys = np.zeros(len(table.keys), np.int64)
    inside = np.ones(len(table.keys), np.bool_)
    for place in range(n):
        numbers = renumbered[table.keys >> (n - 1 - place) * BITS & _MASK]  # none for what is elsewhere
        inside &= numbers >= 0
        keys = keys << BITS | np.maximum(numbers, 0)
    kept = np.flatnonzero(inside)
    kept = kept[np.argsort(keys[kept])]
    return Table(keys[kept], table.counts[kept], table.documents[kept]), kept


def _places(
    keys: NDArray[np.int64], wanted: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where each of the wanted keys stands among those that ascend, and whether it does."""
    places = np.searchsorted(keys, wanted).astype(np.int64)
    there = np.concatenate([keys, [-1]])[places] == wanted
    return places, there


def _begins(rows: NDArray[np.int64], n_rows: int) -> Numbers:
    """Where each row begins among entries that are ordered by their row, and where the last one ends."""
    return np.searchsorted(rows, np.arange(n_rows + 1)).astype(np.int32)
