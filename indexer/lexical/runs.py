"""Tokens inverted: from terms by document to documents by term, a run of documents at a time.

All arrays hold numbers; terms have the numbers that the analysis gave them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.jit import compiled
from indexer.storage.arrays import load_array, save_array

Offsets = NDArray[np.int64]
Numbers = NDArray[np.int32]
Values = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Run:
    """The postings of consecutive documents, by term number.

    begins (n_terms + 1,): where the postings of each term begin · ordinals (n,) ascending within a term ·
    counts (n_fields, n): row 0 in all fields, row f in field f · steps (n_tokens,): positions as in
    `lexical.sqlite`, or (0,) where they are not kept · step_begins (n_terms + 1,)."""

    begins: Offsets
    ordinals: Values
    counts: Values
    step_begins: Offsets
    steps: Values

    @classmethod
    def of(
        cls,
        terms: Numbers,
        positions: Numbers,
        begins: Offsets,
        n_fields: int,
        first_ordinal: int,
        keep_positions: bool,
    ) -> "Run":
        """The run of these tokens.

        begins (n_docs · n_fields + 1,): where the tokens of each field of each document begin."""
        n_terms = int(terms.max(initial=-1)) + 1
        df, cf = _frequencies(terms, begins, n_fields, n_terms)
        posting_begins, step_begins = _begins(df), _begins(cf)
        postings = np.zeros((posting_begins[-1], 1 + n_fields), np.uint32)
        steps = np.empty(len(terms) if keep_positions else 0, np.uint32)
        _invert(terms, positions, begins, first_ordinal, posting_begins, step_begins, postings, steps)
        ordinals, counts = postings[:, 0].copy(), postings[:, 1:].T.copy()
        return cls(posting_begins, ordinals, counts, step_begins, steps)

    def save(self, folder: Path, name: str) -> None:
        """Puts the run aside as files; `load` gives it back."""
        for each in fields(self):
            save_array(folder / f"{name}-{each.name}.npy", getattr(self, each.name))

    @classmethod
    def load(cls, folder: Path, name: str) -> "Run":
        """The run of these files, memory-mapped."""
        return cls(*(load_array(folder / f"{name}-{each.name}.npy") for each in fields(cls)))

    @staticmethod
    def remove(folder: Path, name: str) -> None:
        """Removes the files of a run."""
        for each in fields(Run):
            (folder / f"{name}-{each.name}.npy").unlink()


def join(runs: Sequence[Run], terms: Numbers) -> Run:
    """The postings of these terms, in their order, over all runs, which are in the order of ordinals."""
    df = np.zeros((len(runs) + 1, len(terms)), np.int64)
    n_steps = np.zeros((len(runs) + 1, len(terms)), np.int64)
    for row, run in enumerate(runs):
        df[row + 1] = _lengths(run.begins, terms)
        n_steps[row + 1] = _lengths(run.step_begins, terms) if len(run.steps) else 0
    begins, step_begins = _begins(df.sum(axis=0)), _begins(n_steps.sum(axis=0))
    places, step_places = begins[:-1] + df.cumsum(axis=0), step_begins[:-1] + n_steps.cumsum(axis=0)
    n_fields = runs[0].counts.shape[0]
    joined = Run(
        begins,
        np.empty(begins[-1], np.uint32),
        np.empty((n_fields, begins[-1]), np.uint32),
        step_begins,
        np.empty(step_begins[-1], np.uint32),
    )
    for row, run in enumerate(runs):
        _copy(terms, run.begins, run.ordinals, places[row], joined.ordinals)
        for field in range(n_fields):
            _copy(terms, run.begins, run.counts[field], places[row], joined.counts[field])
        if len(run.steps):
            _copy(terms, run.step_begins, run.steps, step_places[row], joined.steps)
    return joined


def _begins(sizes: Offsets) -> Offsets:
    begins = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=begins[1:])
    return begins


def _lengths(begins: Offsets, terms: Numbers) -> Offsets:
    """How many postings each term has in a run; an early run does not know a term met later."""
    sizes = np.zeros(max(len(begins) - 1, int(terms.max(initial=0)) + 1), np.int64)
    sizes[: len(begins) - 1] = np.diff(begins)
    return sizes[terms]


@compiled
def _copy(terms: Numbers, begins: Offsets, values: Values, places: Offsets, out: Values) -> None:
    for i in range(len(terms)):
        term = terms[i]
        if term < len(begins) - 1:
            at = places[i]
            for j in range(begins[term], begins[term + 1]):
                out[at] = values[j]
                at += 1


@compiled
def _frequencies(terms: Numbers, begins: Offsets, n_fields: int, n_terms: int) -> tuple[Offsets, Offsets]:
    """In how many documents each term stands, and how often."""
    df = np.zeros(n_terms, np.int64)
    cf = np.zeros(n_terms, np.int64)
    last = np.full(n_terms, -1, np.int64)
    for document in range((len(begins) - 1) // n_fields):
        for i in range(begins[document * n_fields], begins[(document + 1) * n_fields]):
            term = terms[i]
            cf[term] += 1
            if last[term] != document:
                last[term] = document
                df[term] += 1
    return df, cf


@compiled
def _invert(
    terms: Numbers,
    positions: Numbers,
    begins: Offsets,
    first_ordinal: int,
    posting_begins: Offsets,
    step_begins: Offsets,
    postings: Values,
    steps: Values,
) -> None:
    """Fills postings, (n, 1 + n_fields): ordinal and counts side by side, and steps.

    What is known of a term lies side by side as well: the terms come in no order, and each look costs."""
    n_fields = postings.shape[1] - 1
    state = np.empty((len(posting_begins) - 1, 4), np.int64)  # next posting, next step, last text, position
    for term in range(len(state)):
        state[term, 0] = posting_begins[term]
        state[term, 1] = step_begins[term]
        state[term, 2] = -1
    for document in range((len(begins) - 1) // n_fields):
        for field in range(n_fields):
            text = document * n_fields + field
            for i in range(begins[text], begins[text + 1]):
                term = terms[i]
                if state[term, 2] < document * n_fields:
                    postings[state[term, 0], 0] = first_ordinal + document
                    state[term, 0] += 1
                place = state[term, 0] - 1
                postings[place, 1] += np.uint32(1)
                if field:
                    postings[place, 1 + field] += np.uint32(1)
                if len(steps):
                    before = state[term, 3] if state[term, 2] == text else 0
                    steps[state[term, 1]] = positions[i] - before
                    state[term, 1] += 1
                    state[term, 3] = positions[i]
                state[term, 2] = text


def positions_of(steps: Values, by_field: NDArray[np.int32]) -> Values:
    """The positions of a term whose steps these are, by posting, then by field.

    by_field (n_fields, n): its counts in each field. Raises: ValueError where they are not as many."""
    sizes = by_field.T.ravel()
    if (sizes < 0).any() or sizes.sum() != len(steps):
        raise ValueError(f"{len(steps)} positions for {sizes.sum()} occurrences")
    return _added(steps, sizes)


@compiled
def _added(steps: Values, sizes: Numbers) -> Values:
    positions = np.empty(len(steps), np.uint32)
    at = 0
    for size in sizes:
        position = np.uint32(0)
        for _ in range(size):
            position += steps[at]
            positions[at] = position
            at += 1
    return positions
