"""The seam between documents and labels: what a classifier is told of a document."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from indexer.types import Document, Vectors

Features = Vectors | csr_array[Any]
"""A row for each document, of length 1; all 0 where nothing of it is known. Shapes: (n, n_features)."""


class Representation(Protocol):
    """Documents as rows of numbers. It is never changed once it is made."""

    @property
    def name(self) -> str:
        """`tfidf`, or the name of an encoder of the index."""

    @property
    def fingerprint(self) -> str:
        """Equal ones give equal features."""

    @property
    def n_features(self) -> int:
        """The length of a row."""

    def features(self, documents: Sequence[Document]) -> Features:
        """The row of each document. A row does not depend on the others, to 1e-5."""


def joined(batches: Sequence[Features]) -> Features:
    """The rows of one representation, batch after batch."""
    sparse = [each for each in batches if isinstance(each, csr_array)]
    return csr_array(vstack(sparse)) if sparse else np.concatenate([np.asarray(each) for each in batches])


def known(features: Features) -> NDArray[np.bool_]:
    """Whether anything of each document is known. Shapes: (n,)."""
    if isinstance(features, csr_array):
        return np.diff(features.indptr) > 0
    return np.asarray(features.any(axis=1))
