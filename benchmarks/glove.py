"""How fast GloVe counts and trains, in words a second of one core, beside the paper's figures.

`python -m benchmarks.glove --corpus FOLDER` takes a BEIR folder. Published (Pennington, Socher, Manning,
EMNLP 2014, section 4.6; 6 billion words, 400,000 different ones, window 10): 85 minutes to count in one
thread, and 14 minutes a walk over the cells at 300 dimensions on 32 cores. A walk takes the longer the more
cells there are for each word, which the paper does not tell and texts differ in; so cells are told too."""

import argparse
import gzip
import json
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from time import perf_counter

from indexer.analysis import Analyzer, BatchAnalyzer
from indexer.encoders.cooccurrence import count_cells
from indexer.encoders.corpus import Corpus, read_corpus
from indexer.encoders.glove import GloveOptions, train_glove
from indexer.types import AnalysisSettings, no_progress

COUNTED = 6e9 / (85 * 60)
"""Words a second that the paper's program counts with one thread."""

WALKED = 6e9 / (14 * 60 * 32)
"""Words a second that a core of theirs walks over at 300 dimensions."""

BATCH = 5_000  # documents


def sentences(folder: Path, most: int) -> Iterator[list[str]]:
    """The words of the titles and texts of the first documents, a field at a time."""
    analyzer = BatchAnalyzer(Analyzer(AnalysisSettings()), ["words"])
    names: list[str] = []
    plain, packed = folder / "corpus.jsonl", folder / "corpus.jsonl.gz"
    with plain.open() if plain.exists() else gzip.open(packed, "rt") as lines:
        documents = islice(map(json.loads, lines), most)
        while batch := [
            each.get(name, "") for each in islice(documents, BATCH) for name in ("title", "text")
        ]:
            columns = analyzer.analyse(batch)["words"]
            names.extend(analyzer.vocabulary("words").terms(len(names)))
            terms = [names[number] for number in columns.terms.tolist()]
            for start, end in zip(columns.begins[:-1].tolist(), columns.begins[1:].tolist(), strict=True):
                yield terms[start:end]


def count(corpus: Corpus, options: GloveOptions) -> tuple[float, int]:
    """Seconds it takes to count, and the cells that training walks over, both halves of the matrix."""
    with tempfile.TemporaryDirectory() as folder:
        began = perf_counter()
        cells = count_cells(corpus, options.window, options.memory_mb << 20, Path(folder), no_progress)
        took = perf_counter() - began
        return took, 2 * len(cells) - int((cells.firsts == cells.seconds).sum())


def walk(corpus: Corpus, options: GloveOptions) -> float:
    """Seconds that an epoch takes: the fastest of all but the first."""
    ends: list[float] = []

    def note(phase: str, done: int, *_: object, **__: object) -> None:
        if phase == "train glove" and done % len(corpus.ids) == 0:
            ends.append(perf_counter())

    train_glove(corpus, options, note)
    return min(end - start for start, end in pairwise(ends))


def main() -> None:
    """Prints what was counted, and both rates."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.glove", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--documents", type=int, default=300_000, help="how many of the corpus")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--dims", type=int, default=300)
    parser.add_argument("--memory-mb", type=int, default=512)
    given = parser.parse_args()
    options = GloveOptions(dims=given.dims, window=10, epochs=given.epochs, memory_mb=given.memory_mb)
    tell = sys.stdout.write
    walk(read_corpus([["a", "b"]], 1, no_progress), options)  # compiles
    corpus = read_corpus(sentences(given.corpus, given.documents), options.min_count, no_progress)
    words = len(corpus.ids)
    seconds, cells = count(corpus, options)
    tell(f"{given.corpus.name}: {words:,} words, {len(corpus.terms):,} different, {cells:,} cells\n")
    tell(f"count  {words / seconds:>12,.0f} words/s, published {COUNTED:,.0f}\n")
    seconds = walk(corpus, options)
    tell(f"train  {words / seconds:>12,.0f} words/s, published {WALKED:,.0f}\n")
    tell(f"       {cells / seconds:>12,.0f} cells/s at {options.dims} dimensions\n")


if __name__ == "__main__":
    main()
