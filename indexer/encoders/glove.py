"""GloVe: word vectors whose products are the logarithms of how often words stand near each other.

J = Σ f(X_ij) · (w_i·c_j + b_i + d_j − log X_ij)², f(x) = min(1, (x / x_max)^α), over the cells X_ij > 0, by
AdaGrad. Source: Pennington, Socher, Manning: GloVe: Global Vectors for Word Representation, EMNLP 2014."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from indexer.encoders.cooccurrence import Cells, CellsFile, count_cells
from indexer.encoders.corpus import Corpus
from indexer.encoders.training import Trained, TrainingOptions
from indexer.encoders.words import WordVectors
from indexer.errors import InputError
from indexer.jit import compiled_loosely
from indexer.types import Progress

TYPE = "glove"

CELLS_SEEN = 100_000_000
"""Cells that training walks over, all epochs together, where nobody has set the epochs."""

MOST_EPOCHS, FEWEST_EPOCHS = 60, 10
"""Of those that are chosen so: after 60 the vectors of small corpora rank no better."""

SLICE = 200_000
"""Cells between two reports: less than a second."""

BYTES_PER_CELL = 20
"""Of a cell and its place in the order. Cells that take more than counting may are dealt out to files by lot,
and each file is shuffled by itself, as the original program does."""

CLIP = 100.0
"""No gradient is larger, as in the original program; so no step is, and no vector leaves all bounds."""

Row = NDArray[np.float32]  # (2, dims + 1)
Rows = NDArray[np.float32]  # (n_terms, 2, dims + 1)

logger = logging.getLogger(__name__)


class GloveOptions(TrainingOptions):
    """What the training of GloVe can be told."""

    window: int = Field(default=10, ge=1, le=50, description="Words looked at on either side.")
    x_max: float = Field(
        default=1.0, gt=0, le=1e6, description="A pair that stands together so often counts in full."
    )
    alpha: float = Field(default=0.75, gt=0, le=1, description="How much rarer pairs count: (x / x_max)^α.")
    rate: float = Field(default=0.05, gt=0, le=1, description="The learning rate at the beginning.")
    memory_mb: int = Field(
        default=512, ge=16, le=65_536, description="What counting may take; beyond it counts go to disk."
    )


def train_glove(corpus: Corpus, options: GloveOptions, progress: Progress) -> Trained:
    """Vectors of the corpus's words, w + c of each; with one worker the same input gives the same bytes.

    The loss of an epoch is J/2 over twice the cells of the upper half, as the original program prints it."""
    with TemporaryDirectory(prefix="textprism-") as folder:
        memory = options.memory_mb << 20
        cells = count_cells(corpus, options.window, memory, Path(folder), progress)
        if not len(cells):
            raise InputError(
                "glove wants words that stand beside each other, and every text has but one: choose another "
                "encoder.",
                code="corpus_too_small",
            )
        parameters = _Parameters(len(corpus.terms), options)
        losses = _train(parameters, cells, Path(folder), corpus, options, progress)
    vectors = parameters.words[:, 0, :-1] + parameters.contexts[:, 0, :-1]
    return Trained(WordVectors(corpus.terms, vectors, corpus.cf.astype("i8")), losses)


class _Parameters:
    """Vectors of words and of contexts, the bias of each last, and the sums of their squared gradients,
    beside each other so that one look at memory finds both.

    Shapes: (n_terms, 2, dims + 1) each."""

    def __init__(self, n_terms: int, options: GloveOptions) -> None:
        rng = np.random.default_rng(options.seed)
        self.words = _begin(n_terms, options.dims + 1, rng)
        self.contexts = _begin(n_terms, options.dims + 1, rng)


def _begin(n_terms: int, width: int, rng: np.random.Generator) -> Rows:
    rows = np.ones((n_terms, 2, width), np.float32)
    rows[:, 0] = (rng.random((n_terms, width), np.float32) - 0.5) / width
    return rows


def _train(
    parameters: _Parameters,
    cells: Cells,
    folder: Path,
    corpus: Corpus,
    options: GloveOptions,
    progress: Progress,
) -> Sequence[float]:
    """The loss of each epoch."""
    rng = np.random.default_rng(options.seed)
    epochs = options.epochs or min(MOST_EPOCHS, max(FEWEST_EPOCHS, ceil(CELLS_SEEN / len(cells))))
    dealt = _dealt(cells, (options.memory_mb << 20) // BYTES_PER_CELL, folder, rng, progress)
    total, done, losses = epochs * len(corpus.ids), 0, []
    with ThreadPoolExecutor(options.workers) as pool:
        for epoch in range(epochs):
            loss, seen = 0.0, 0
            for part in dealt:
                order = rng.permutation(len(part))
                for first in range(0, len(part), SLICE):
                    loss += _walk(parameters, part, order[first : first + SLICE], options, pool)
                    seen += min(SLICE, len(part) - first)
                    done = epoch * len(corpus.ids) + len(corpus.ids) * seen // len(cells)
                    progress("train glove", done, total, loss / (2 * seen))
            losses.append(loss / (2 * len(cells)))
            logger.info("glove epoch=%d epochs=%d loss=%.4f", epoch + 1, epochs, losses[-1])
    return losses


def _dealt(
    cells: Cells, most: int, folder: Path, rng: np.random.Generator, progress: Progress
) -> Sequence[Cells]:
    """The cells in parts of about `most` at most, each cell in one of them by lot."""
    n_parts = ceil(len(cells) / most)
    if n_parts == 1:
        return [cells]
    with ExitStack() as stack:
        files = [stack.enter_context(closing(CellsFile(folder / f"part-{part}"))) for part in range(n_parts)]
        for first in range(0, len(cells), most):
            some = cells[first : first + most]
            lot = rng.integers(n_parts, size=len(some))
            for part, file in enumerate(files):
                file.append(some[lot == part])
            progress("shuffle co-occurrences", first + len(some), len(cells))
    return [file.load() for file in files]


def _walk(
    parameters: _Parameters,
    cells: Cells,
    order: NDArray[np.int64],
    options: GloveOptions,
    pool: ThreadPoolExecutor,
) -> float:
    """One step for each of these cells and for its mirror image; the sum of their losses. Several workers
    take a share each, and do not wait for each other (Hogwild: Niu et al., NIPS 2011)."""

    def step(part: NDArray[np.int64]) -> float:
        counts = cells.counts[part].astype(np.float64)
        return _step(
            cells.firsts[part],
            cells.seconds[part],
            np.log(counts).astype(np.float32),
            np.minimum(1.0, (counts / options.x_max) ** options.alpha).astype(np.float32),
            parameters.words,
            parameters.contexts,
            np.float32(options.rate),
        )

    if options.workers == 1:
        return step(order)
    return sum(pool.map(step, np.array_split(order, options.workers)))


@compiled_loosely
def _step(
    firsts: NDArray[np.int32],
    seconds: NDArray[np.int32],
    logs: NDArray[np.float32],
    weights: NDArray[np.float32],
    words: Rows,
    contexts: Rows,
    rate: np.float32,
) -> float:
    """AdaGrad, one cell after the other; the sum of f · difference² / 2."""
    loss = 0.0
    for place in range(len(firsts)):
        one, two = firsts[place], seconds[place]
        loss += _descend(words[one], contexts[two], logs[place], weights[place], rate)
        if one != two:
            loss += _descend(words[two], contexts[one], logs[place], weights[place], rate)
    return loss


@compiled_loosely
def _descend(word: Row, context: Row, log: np.float32, weight: np.float32, rate: np.float32) -> float:
    """One step of one cell: every parameter goes by rate · gradient / √(sum of its squared gradients)."""
    w, c, w_squares, c_squares = word[0], context[0], word[1], context[1]
    dims = len(w) - 1
    product = np.float32(0)
    for k in range(dims):
        product += w[k] * c[k]
    difference = product + w[dims] + c[dims] - log
    slope = weight * difference
    low, high = np.float32(-CLIP), np.float32(CLIP)
    for k in range(dims):
        of_word = min(max(slope * c[k], low), high)
        of_context = min(max(slope * w[k], low), high)
        w[k] -= rate * of_word / np.sqrt(w_squares[k])
        c[k] -= rate * of_context / np.sqrt(c_squares[k])
        w_squares[k] += of_word * of_word
        c_squares[k] += of_context * of_context
    bias = min(max(slope, low), high)
    w[dims] -= rate * bias / np.sqrt(w_squares[dims])
    c[dims] -= rate * bias / np.sqrt(c_squares[dims])
    w_squares[dims] += bias * bias
    c_squares[dims] += bias * bias
    return float(slope * difference) / 2
