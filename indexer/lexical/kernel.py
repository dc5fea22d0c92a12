"""The exact best of all documents under any weighting: windowed block-max MaxScore over integer scores.

The documents are taken in windows. Of each term it is known what it can add in a window at most (its
bound). A window whose bounds together do not pass the k-th best score so far is skipped; in the others the
terms with the smallest bounds, as many as cannot pass it together, are only looked up for documents that
the other terms brought in: term by term, for all of them that can still pass.

Every score is a sum of integers, so none depends on the order of the terms. Documents are met in ascending
order, and one that only equals the k-th best never displaces it: ties go to the smaller ordinal."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.jit import Int, compiled
from indexer.lexical.adding import (
    BITS,
    BOUND,
    KIND,
    MARK_BITS,
    MARKS,
    NO_FLOOR,
    PLACE,
    Floats,
    Gains,
    Ints,
    adder,
    adds_of,
    rounded,
    unpack_rare,
)
from indexer.lexical.best import SMALL_K, cut, keep
from indexer.lexical.bitwise import Words, n_set
from indexer.lexical.candidates import (
    FEW,
    Scratch,
    complete,
    gather,
    gather_allowed,
    gather_few,
    keep_allowed,
    read_bits,
    read_list,
    scatter,
    scatter_few,
    scatter_rare,
    sort,
)
from indexer.lexical.layout import PACKED, PostingArrays


class Lengths(NamedTuple):
    """What the length of a document says by itself, for the lanes where it says anything.

    lanes (n,) · begins (n + 1,): where each begins in the table · table: scores by class of length · least,
    most: what all lanes say together."""

    lanes: Ints
    begins: Ints
    table: Ints
    least: int
    most: int


NO_LENGTHS = Lengths(np.empty(0, np.int64), np.zeros(1, np.int64), np.empty(0, np.int64), 0, 0)

MOST_TERMS = MARKS
MOST_SCORE = 1 << 50
"""Bounds of all terms together; beyond it a sum could leave the 63 bits."""

_DEARER = 2  # how much more a posting costs than a term that is looked up in a document


@compiled
def best_documents(
    terms: Ints,
    scales: Floats,
    postings: PostingArrays,
    gains: Gains,
    lengths: Lengths,
    allowed: Words,
    n_docs: int,
    k: int,
    floor: int,
    scratch: Scratch,
) -> tuple[NDArray[np.int32], Ints]:
    """Ordinals and scores of the k best documents: best first for a small k, else by ordinal, at most 1.5k.

    terms (12, n_terms), scales (n_terms,): see `Adds` · allowed: a bit a document, or (0,) for all ·
    floor: no score below it is wanted."""
    places = terms[PLACE]
    sums, slots, found, codes = scratch.sums, scratch.slots, scratch.found, scratch.codes
    lists = postings.list_begins
    window = len(sums)
    n_terms = len(scales)
    adds = adds_of(terms, scales, gains)
    n_windows = (n_docs + window - 1) // window
    rare = unpack_rare(adds, postings, window, n_windows)
    bound = np.zeros(n_terms, np.int64)
    order = np.empty(n_terms, np.int64)
    rest = np.zeros(n_terms + 1, np.int64)  # sums of the bounds in that order

    capacity = k if k <= SMALL_K else k + k // 2
    best_scores = np.empty(capacity, np.int64)
    best_ordinals = np.empty(capacity, np.int32)
    n_best: Int = 0
    threshold: Int = np.int64(floor) - 1  # a score has to pass it

    for number in range(n_windows):
        first = number * window
        last = min(first + window, n_docs)
        n_ordered, most = _order(terms, scales, gains.bounds, number, bound, order)
        if rare.most[number] + most + lengths.most <= threshold:
            continue

        # The first terms of the order, which cannot pass the threshold together, are only looked up.
        n_looked_up = 0
        while n_looked_up < n_ordered:
            sum_with = rest[n_looked_up] + bound[order[n_looked_up]]
            if sum_with + lengths.most > threshold:
                break
            n_looked_up += 1
            rest[n_looked_up] = sum_with
        n_rare = rare.begins[number + 1] - rare.begins[number]
        n_postings = n_rare
        for a in range(n_looked_up, n_ordered):
            t = order[a]
            n_postings += lists[places[t], number + 1] - lists[places[t], number]
        if n_postings == 0:
            continue

        # Where few documents may be found, these are the candidates, and all terms are looked up for them.
        by_allowed: bool | np.bool = False
        if len(allowed):
            n_allowed = n_set(allowed, first >> 6, (last + 63) >> 6)
            if n_allowed == 0:
                continue
            by_allowed = n_rare < FEW and n_allowed * n_ordered < _DEARER * n_postings
        while by_allowed and n_looked_up < n_ordered:
            rest[n_looked_up + 1] = rest[n_looked_up] + bound[order[n_looked_up]]
            n_looked_up += 1

        few = by_allowed or n_postings < FEW
        n = scatter_rare(rare, number, first, few, sums, slots)
        for a in range(n_looked_up, n_ordered):
            t = order[a]
            by = adder(t, adds)
            begin, end = lists[places[t], number], lists[places[t], number + 1]
            if few:
                n = scatter_few(postings.slots, postings.codes, begin, end, by, first, adds, sums, slots, n)
            else:
                scatter(postings.slots, postings.codes, begin, end, by, first, adds, sums)

        needed = _needed(threshold - rest[n_looked_up] - lengths.most)
        if by_allowed:
            n = gather_allowed(allowed, first >> 6, (last + 63) >> 6, scratch, n, needed)
        elif few:
            n = gather_few(sums, slots, found, n, needed)
        else:
            n = gather(sums, slots, found, needed)
        if len(allowed) and not by_allowed:
            n = keep_allowed(slots, found, n, first, allowed)

        for a in range(n_looked_up - 1, -1, -1):
            if n == 0:
                break
            t = order[a]
            begin, end = lists[places[t], number], lists[places[t], number + 1]
            row = terms[BITS, t]
            if row >= 0:
                read_bits(postings.bits, postings.ranks, row, postings.codes, begin, first, slots, n, codes)
            else:
                read_list(postings.slots, postings.codes, begin, end, scratch.spread, slots, n, codes)
            needed = _needed(threshold - rest[a] - lengths.most)
            n = complete(slots, found, codes, n, needed, first, adder(t, adds), adds)

        if few:
            sort(slots, found, n)
        for c in range(n):
            if found[c] & MARKS == 0:
                continue
            score = found[c] >> MARK_BITS
            ordinal = first + slots[c]
            for i in range(len(lengths.lanes)):
                score += lengths.table[lengths.begins[i] + gains.lens[lengths.lanes[i], ordinal]]
            if score <= threshold:
                continue
            if k <= SMALL_K:
                n_best = keep(best_scores, best_ordinals, n_best, k, score, ordinal)
                if n_best == k:
                    threshold = max(threshold, best_scores[k - 1])
            else:
                best_scores[n_best] = score
                best_ordinals[n_best] = ordinal
                n_best += 1
                if n_best == capacity:
                    threshold = max(threshold, cut(best_scores, best_ordinals, n_best, k))
                    n_best = k
    return best_ordinals[:n_best], best_scores[:n_best]


@compiled
def _needed(sum_: Int) -> Int:
    """What a score under way has to pass, so that its sum passes this one."""
    return sum_ << MARK_BITS | MARKS if sum_ >= 0 else NO_FLOOR


@compiled
def _order(
    terms: Ints, scales: Floats, bounds: Floats, number: Int, bound: Ints, order: Ints
) -> tuple[Int, Int]:
    """How many terms are listed, and the sum of their bounds in a window; `bound` then has these by term,
    `order` the terms, smallest bound first."""
    n_ordered: Int = 0
    total: Int = 0
    for t in range(len(scales)):
        if terms[KIND, t] == PACKED:
            continue
        bound[t] = max(rounded(scales[t] * bounds[terms[BOUND, t] + number]), 0)
        total += bound[t]
        at = n_ordered
        while at > 0 and bound[order[at - 1]] > bound[t]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = t
        n_ordered += 1
    return n_ordered, total
