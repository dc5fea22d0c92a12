"""Everything that must hold inside the n-grams of an index."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.completion.ngrams import Ngrams, Numbers


def faults(ngrams: Ngrams, n_documents: int) -> Iterator[str]:
    """What is wrong with n-grams, each in a sentence; nothing for sound ones."""
    words = ngrams.words
    if not all(one < other for one, other in pairwise(map(words.encoded, range(len(words))))):
        yield "The words of the completion do not ascend."
    if not ((ngrams.discounts >= 0) & (ngrams.discounts < 1)).all():
        yield "The discounts of the completion are not between 0 and 1."
    n_pairs = len(ngrams.pair_words)
    for what, begins, seconds in (
        ("pairs", ngrams.pair_begins, ngrams.pair_words),
        ("triples", ngrams.triple_begins, ngrams.triple_words),
    ):
        if not _rows_ascend(begins, seconds, len(words)):
            yield f"The {what} of the completion do not ascend, or are of words that do not exist."
            return
    for what, held in (
        ("words", ngrams.documents),
        ("pairs", ngrams.pair_documents),
        ("triples", ngrams.triple_documents),
    ):
        if _outside(held, 1, n_documents):
            yield f"The {what} of the completion stand in no document, or in more than there are."
    if _outside(ngrams.pair_preceded, 1, len(words) + 1):
        yield "Pairs of the completion follow no word, or more than there are."
    counted = np.zeros(n_pairs, np.int64)
    np.add.at(counted, np.repeat(np.arange(n_pairs), np.diff(ngrams.triple_begins)), ngrams.triple_counts)
    if (ngrams.triple_counts < ngrams.triple_documents).any() or (counted > ngrams.pair_followed).any():
        yield "Triples of the completion occur in more documents than times, or more often than their pair."


def _rows_ascend(begins: Numbers, words: Numbers, n_words: int) -> bool:
    """Whether rows follow each other, and the words of each ascend and exist."""
    if len(begins) == 0 or begins[0] != 0 or (np.diff(begins) < 0).any() or _outside(words, 0, n_words - 1):
        return False
    rows = np.repeat(np.arange(len(begins) - 1), np.diff(begins))
    keys = rows * np.int64(max(1, n_words)) + words
    return bool((keys[1:] > keys[:-1]).all())


def _outside(values: NDArray[Any], least: int, most: int) -> bool:
    return bool(((values < least) | (values > most)).any())
