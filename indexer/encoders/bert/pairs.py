"""Two texts read together: how well one answers the other, and where in it the answer stands.

Sources: Nogueira and Cho, 2019, "Passage Re-ranking with BERT"; Devlin et al., NAACL 2019, "BERT",
section 4.2."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding

from indexer.encoders.bert.folder import read_folder
from indexer.encoders.bert.graph import Graph, Ids
from indexer.encoders.bert.tokenizer import PairTokenizer

MOST_ANSWER = 48
"""Tokens of an answer; the longest in SQuAD that people gave is 46."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text, in characters, with the probability that it is the answer."""

    start: int
    end: int
    probability: float


class CrossEncoder:
    """A model folder that says how well a text answers a query. Safe for any number of threads.

    Raises: InputError (`bad_model_folder`)."""

    def __init__(self, path: Path) -> None:
        folder = read_folder(path)
        self._tokenizer = PairTokenizer(folder)
        self._graph = Graph(path, folder.graph("auto"))
        self._graph.output(["logits"])

    def scores(self, query: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """The logits: above 0 where a text answers the query; of two labels the second's less the first's.

        Shape: (n,). A text that is longer than the model reads is read in windows, and has the best of
        theirs."""
        best = np.full(len(texts), -np.inf)
        for place, windows in enumerate(self._tokenizer.windows(query, texts)):
            for window in windows:
                [logits] = self._graph.run(["logits"], *_inputs(window))
                row = logits[0].astype(np.float64)
                best[place] = max(best[place], float(row[-1] - (row[0] if len(row) > 1 else 0.0)))
        return best


class Reader:
    """A model folder that marks the answer to a question in a text. Safe for any number of threads.

    Raises: InputError (`bad_model_folder`)."""

    def __init__(self, path: Path) -> None:
        folder = read_folder(path)
        self._tokenizer = PairTokenizer(folder)
        self._graph = Graph(path, folder.graph("auto"))
        for name in ("start_logits", "end_logits"):
            self._graph.output([name])

    def answer(self, question: str, text: str) -> Span | None:
        """The likeliest answer in a text; None where there is no token.

        Its probability is among all pieces of the same window and that there is none, which the first token
        stands for. Ties: the first."""
        [windows] = self._tokenizer.windows(question, [text])
        found = [span for window in windows for span in self._spans(window)]
        return max(found, key=lambda span: span.probability, default=None)

    def _spans(self, window: Encoding) -> Iterator[Span]:
        """The likeliest piece of a window, if it has any."""
        starts, ends = self._graph.run(["start_logits", "end_logits"], *_inputs(window))
        inside = [place for place, text in enumerate(window.sequence_ids) if text == 1]
        if not inside:
            return
        first, behind = inside[0], inside[-1] + 1
        sums = np.add.outer(starts[0, first:behind], ends[0, first:behind]).astype(np.float64)
        allowed = np.triu(np.ones_like(sums, bool)) & ~np.triu(np.ones_like(sums, bool), MOST_ANSWER)
        sums[~allowed] = -np.inf
        none = float(starts[0, 0]) + float(ends[0, 0])
        largest = max(none, float(sums.max()))
        total = float(np.exp(sums - largest).sum()) + np.exp(none - largest)
        start, end = np.unravel_index(int(np.argmax(sums)), sums.shape)
        probability = float(np.exp(sums[start, end] - largest) / total)
        offsets = window.offsets
        yield Span(offsets[first + int(start)][0], offsets[first + int(end)][1], probability)


def _inputs(window: Encoding) -> tuple[Ids, Ids, Ids]:
    """What a graph is given of one window. Shapes: (1, length)."""
    ids, types = np.array([window.ids], np.int64), np.array([window.type_ids], np.int64)
    return ids, np.ones_like(ids), types
