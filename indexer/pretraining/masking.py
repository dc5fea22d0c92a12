"""Which pieces a masked language model is to guess, and what it sees in their place.

Source: Devlin et al., 2019, §3.1: 15 % of the pieces of each sequence; of these 80 % become `[MASK]`, 10 %
another piece, 10 % stay."""

from dataclasses import dataclass

import numpy as np

from indexer.pretraining.padding import Padded
from indexer.pretraining.vocabulary import Ids, Vocabulary

SHARE = 0.15
MASKED, RANDOM = 0.8, 0.1
"""Of those that are to be guessed; the others are seen as they are."""


@dataclass(frozen=True, slots=True)
class Masked:
    """What is seen, and what is to be guessed where. Shapes: ids (n, longest); rows, columns, targets
    (n_guesses,): a place each, row by row, and the piece that was there."""

    ids: Ids
    rows: Ids
    columns: Ids
    targets: Ids


def masked(batch: Padded, vocabulary: Vocabulary, rng: np.random.Generator) -> Masked:
    """A batch with round(15 %) of each row's pieces to guess, at least one where there is any."""
    lots = np.where(batch.ordinary, rng.random(batch.ids.shape), np.inf)
    n_pieces = batch.ordinary.sum(axis=1)
    wanted = np.minimum(n_pieces, np.maximum(1, np.rint(SHARE * n_pieces).astype(np.int64)))
    place = np.argsort(np.argsort(lots, axis=1, kind="stable"), axis=1, kind="stable")
    rows, columns = np.nonzero(place < wanted[:, None])
    targets = batch.ids[rows, columns]
    kind = rng.random(len(rows))
    others = rng.choice(vocabulary.ordinary, len(rows))
    ids = batch.ids.copy()
    ids[rows, columns] = np.where(
        kind < MASKED, vocabulary.mask, np.where(kind < MASKED + RANDOM, others, targets)
    )
    return Masked(ids, rows, columns, targets)
