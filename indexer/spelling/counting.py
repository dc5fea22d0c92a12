"""How frequent each term of a view is, counted while the documents stream by."""

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import TokenColumns
from indexer.jit import compiled
from indexer.spelling.forms import Frequencies

_FEWEST = 1 << 10


class FormCounter:
    """Counts the terms of batches of documents, each the tokens of `n_fields` texts."""

    def __init__(self, n_fields: int) -> None:
        self._n_fields = n_fields
        self._n_documents = 0
        # by the number of the term: documents, occurrences, and the last document that held it
        self._counts = np.zeros((3, _FEWEST), np.int64)
        self._n_terms = 0

    @property
    def df(self) -> Frequencies:
        """How many documents hold each term so far."""
        return self._counts[0, : self._n_terms]

    @property
    def cf(self) -> Frequencies:
        """How often each term stands in all of them."""
        return self._counts[1, : self._n_terms]

    def add(self, columns: TokenColumns) -> None:
        """Takes a batch, whose terms are numbered by their first occurrence in all batches."""
        self._n_terms = max(self._n_terms, int(columns.terms.max(initial=-1)) + 1)
        if self._n_terms > self._counts.shape[1]:
            more = np.zeros((3, 2 * self._n_terms - self._counts.shape[1]), np.int64)
            self._counts = np.concatenate([self._counts, more], axis=1)
        begins = columns.begins[:: self._n_fields]
        _count(columns.terms, begins, self._n_documents, self._counts)
        self._n_documents += len(begins) - 1


@compiled
def _count(
    terms: NDArray[np.int32], begins: NDArray[np.int64], first: int, counts: NDArray[np.int64]
) -> None:
    """Counts the terms of documents, which are numbered from `first` on."""
    for document in range(len(begins) - 1):
        number = first + document + 1  # 0: in none yet
        for place in range(begins[document], begins[document + 1]):
            term = terms[place]
            counts[1, term] += 1
            if counts[2, term] != number:
                counts[2, term] = number
                counts[0, term] += 1
