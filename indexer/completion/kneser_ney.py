"""A language model of words, pairs and triples: interpolated Kneser–Ney.

Of a word w after u v, with D₁, D₂, D₃ as discounts and N(· w) as the number of different words before w:

P(w | u v) = max(c(u v w) − D₃, 0) / c(u v ·) + γ(u v) P(w | v)
P(w | v)   = max(N(· v w) − D₂, 0) / N(· v ·) + γ(v) P(w)
P(w)       = max(N(· w) − D₁, 0) / N(· ·)     + γ / V

Each γ is what the discounts, and triples that are not kept, leave of 1.
Source: Kneser, Ney: Improved backing-off for m-gram language modeling, ICASSP 1995; interpolated as in Chen,
Goodman: An empirical study of smoothing techniques for language modeling, 1998."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from indexer.completion.base import Context
from indexer.completion.ngrams import Ngrams, Numbers
from indexer.types import Weights


class KneserNey:
    """The model of the n-grams of an index."""

    name = "ngrams"

    def __init__(self, ngrams: Ngrams) -> None:
        self._ngrams = ngrams

    def probabilities(self, contexts: Sequence[Context]) -> Weights:
        """How probable each word is after each context, of which two words count.

        Shapes: (n_contexts, n_words)."""
        found = np.tile(self._words, (len(contexts), 1))
        for row, context in zip(found, contexts, strict=True):
            self._add(row, context)
        return found

    def _add(self, row: Weights, context: Context) -> None:
        """Puts what is known of pairs, then of triples, onto the probabilities of the words alone."""
        ngrams = self._ngrams
        last = ngrams.words.number(context[-1]) if context else None
        if last is None:
            return
        _, of_pairs, of_triples = ngrams.discounts.tolist()
        seen = slice(*ngrams.pair_begins[last : last + 2].tolist())
        preceded = ngrams.pair_preceded[seen]
        _interpolate(row, ngrams.pair_words[seen], preceded, int(preceded.sum()), of_pairs)
        before = ngrams.words.number(context[-2]) if len(context) > 1 else None
        pair = None if before is None else ngrams.pair(before, last)
        if pair is not None:
            seen = slice(*ngrams.triple_begins[pair : pair + 2].tolist())
            total = int(ngrams.pair_followed[pair])
            _interpolate(row, ngrams.triple_words[seen], ngrams.triple_counts[seen], total, of_triples)

    @cached_property
    def _words(self) -> Weights:
        """P(w)."""
        preceded = self._ngrams.preceded
        row = np.full(len(preceded), 1 / max(1, len(preceded)))
        every = np.arange(len(preceded), dtype=np.int32)
        _interpolate(row, every, preceded, int(preceded.sum()), float(self._ngrams.discounts[0]))
        return row


def _interpolate(row: Weights, words: Numbers, counts: Numbers, total: int, discount: float) -> None:
    """Gives what was seen its share of a row, in place, and what is left to what the row said before.

    words, counts (n,): what was seen, each once; `total`: how often anything was."""
    if total == 0:
        return
    shares = np.maximum(counts - discount, 0) / total
    row *= 1 - shares.sum()
    row[words] += shares
