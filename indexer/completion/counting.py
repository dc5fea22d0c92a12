"""Pairs and triples of neighbouring words, counted while the documents stream by, in bounded memory."""

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import TokenColumns, Vocabulary, runs
from indexer.completion.tables import EMPTY, Keys, Sums, Table, added, tally
from indexer.jit import compiled

BITS = 21
"""Of the number of a word in a key of three: the first two million words that are met can be in one."""
ELSEWHERE = 0
"""What stands before the first word of a text, and in place of a word that has no number."""

CHUNK = 1_000_000
"""Words that are counted at once."""
MOST_KEPT = 8_000_000
"""Pairs, and triples, that are kept while a corpus is read; of more the rarest are dropped."""


class NgramCounter:
    """Counts the pairs and triples of words in batches of documents, each the forms of `n_fields` texts.

    A word has the number of its first occurrence in all batches, and 1."""

    def __init__(self, n_fields: int) -> None:
        self._n_fields = n_fields
        self._n_documents = 0
        self._atoms = np.empty(0, np.int32)  # by the number of the form
        self._waiting: list[tuple[NDArray[np.int64], Sums]] = []
        self._n_waiting = 0
        self._pairs, self._triples = EMPTY, EMPTY

    def add(self, forms: TokenColumns, vocabulary: Vocabulary) -> None:
        """Takes a batch, whose terms are numbered by their first occurrence in all batches."""
        new = [_atoms(form) for form in vocabulary.terms(len(self._atoms))]
        self._atoms = np.concatenate([self._atoms, np.array(new, np.int32)])
        words, documents = _sequence(*_columns(forms), self._atoms, self._n_fields, self._n_documents)
        self._n_documents += (len(forms.begins) - 1) // self._n_fields
        self._waiting.append((words, documents))
        self._n_waiting += len(words)
        if self._n_waiting >= CHUNK:
            self._count()

    def finish(self) -> tuple[Table, Table]:
        """The pairs and the triples; the number of the word that stands first is in the highest bits."""
        self._count()
        return self._pairs, self._triples

    def _count(self) -> None:
        if not self._waiting:
            return
        words = np.concatenate([each for each, _ in self._waiting])
        documents = np.concatenate([each for _, each in self._waiting])
        self._waiting, self._n_waiting = [], 0
        last = np.flatnonzero(words != ELSEWHERE)
        self._pairs = _bounded(added(self._pairs, tally(_pairs(words, last), documents[last])))
        last = last[words[last - 1] != ELSEWHERE]
        self._triples = _bounded(added(self._triples, tally(_triples(words, last), documents[last])))


def _bounded(table: Table) -> Table:
    """The same, without its rarest where it is too large."""
    least = 1
    while len(table.keys) > MOST_KEPT:
        least += 1
        table = table.at(table.counts >= least)
    return table


def _pairs(words: NDArray[np.int64], last: NDArray[np.intp]) -> Keys:
    return words[last - 1] << BITS | words[last]


def _triples(words: NDArray[np.int64], last: NDArray[np.intp]) -> Keys:
    return words[last - 2] << 2 * BITS | _pairs(words, last)


def _atoms(form: str) -> int:
    """How many positions a form takes: a name with signs, and so on, stands before its parts."""
    return (
        1
        if form.isascii() and form.isalnum()
        else sum(run.atoms for run in runs(form) if run.script != "other")
    )


def _columns(forms: TokenColumns) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    return forms.terms, forms.positions, forms.begins


@compiled
def _sequence(
    terms: NDArray[np.int32],
    positions: NDArray[np.int32],
    begins: NDArray[np.int64],
    atoms: NDArray[np.int32],
    n_fields: int,
    first: int,
) -> tuple[NDArray[np.int64], Sums]:
    """The numbers of the words as they follow each other, names without their parts, `ELSEWHERE` before each
    text; and the document of each."""
    size = len(terms) + len(begins) - 1
    words, documents = np.empty(size, np.int64), np.empty(size, np.int32)
    n = 0
    for text in range(len(begins) - 1):
        document = first + text // n_fields
        words[n], documents[n] = 0, document
        n += 1
        free = 0  # the first position that no word has taken
        for place in range(begins[text], begins[text + 1]):
            if positions[place] < free:
                continue
            free = positions[place] + atoms[terms[place]]
            number = np.int64(terms[place]) + 1
            words[n] = number if number < 1 << BITS else 0
            documents[n] = document
            n += 1
    return words[:n].copy(), documents[:n].copy()
