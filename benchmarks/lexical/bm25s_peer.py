"""BM25S with numba: scores worked out when the index is built, summed over all documents when asked."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import bm25s
from bm25s.tokenization import Tokenizer

from benchmarks.lexical.base import Hits, PythonEngine


class Engine(PythonEngine):
    """Lucene's formula with exact lengths, in float32."""

    def __init__(self, _tools: Path) -> None:
        """Every engine is given a folder for tools; this one needs none."""
        self._index: Any = None

    def version(self) -> str:
        """The version of the package."""
        return f"bm25s {version('bm25s')}"

    def build(self, documents: Path, folder: Path) -> None:
        """Nothing; the folder holds the index."""
        tokenizer = Tokenizer(lower=False, splitter=str.split, stopwords=None)
        with documents.open(encoding="ascii") as lines:
            tokens = tokenizer.tokenize(
                lines.readlines(), show_progress=False, return_as="tuple", allow_empty=False
            )
        index = bm25s.BM25(method="lucene", k1=1.2, b=0.75, backend="numba")
        index.index(tokens, create_empty_token=False, show_progress=False)
        index.save(folder, show_progress=False)

    def open(self, folder: Path) -> None:
        """Nothing; the index is open."""
        self._index = bm25s.BM25.load(folder, show_progress=False)

    def answer(self, terms: Sequence[str], k: int) -> Any:
        """Two arrays: documents and scores."""
        return self._index.retrieve([list(terms)], k=k, show_progress=False, n_threads=1)

    def hits(self, answer: Any) -> Hits:
        """Lines are places in the corpus. It fills up with documents that match nothing: those go."""
        [documents], [scores] = answer
        return [
            (document, score)
            for document, score in zip(documents.tolist(), scores.tolist(), strict=True)
            if score > 0
        ]
