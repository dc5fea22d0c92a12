"""How often the next word is among those suggested, what that costs a build, and how soon it answers.

`python -m benchmarks.completion CORPUS` takes a folder in the BEIR layout. Quality: of every tenth document
nothing is learned; there the words behind each first two of a text are asked for. Cost: the first pass of a
build with and without n-grams, one after the other."""

# ruff: noqa: T201  what this command is for

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any, NamedTuple

import numpy as np

from app.completion import suggest
from indexer.analysis import Analyzer
from indexer.build import build_generation, train_model
from indexer.build.lexical import build_lexical
from indexer.build.spool import WordSpool
from indexer.completion import KneserNey, Mixture, NextWordModel, Ngrams, writing
from indexer.completion.typed import typed
from indexer.database import Catalogue, migrate, sqlite_url
from indexer.documents import find_sources, import_documents
from indexer.generation import Generation, IndexFolder
from indexer.generation.next_words import next_word_models
from indexer.types import Document, IndexSettings, no_progress

INDEX = "completion"
HELD_OUT_EVERY = 10
N = 2_000
AMONG = 5
BATCH = 50


class Place(NamedTuple):
    """A word of a held-out text, and those before it."""

    context: Sequence[str]
    word: str


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--rnn", metavar="OPTIONS", help="train an RNN too, told this JSON: {} as it is")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        migrate(sqlite_url(Path(folder)))
        with Catalogue.open(Path(folder)) as catalogue:
            catalogue.indexes.create(INDEX, IndexSettings(encoders={}))
            import_documents(catalogue, INDEX, find_sources([str(given.corpus)]))
            _cost(catalogue, Path(folder))
            held_out = _hold_out(catalogue)
            if given.rnn is not None:
                _train(catalogue, Path(folder), json.loads(given.rnn))
            build_generation(catalogue, Path(folder), INDEX)
        with closing(IndexFolder(Path(folder), INDEX).open()[0]) as generation:
            _quality(generation, held_out)
            _speed(generation, held_out)


def _cost(catalogue: Catalogue, folder: Path) -> None:
    """What n-grams add to the first pass of a build."""
    settings = catalogue.indexes.get(INDEX).settings
    for name, most, completion in (
        ("compiling", writing.MOST_TRIPLES, True),
        ("without completion", writing.MOST_TRIPLES, False),
        ("with completion", writing.MOST_TRIPLES, True),
        ("with all triples", 2**62, True),
    ):
        writing.MOST_TRIPLES, usual = most, writing.MOST_TRIPLES
        with (
            tempfile.TemporaryDirectory(dir=folder) as made,
            catalogue.documents.snapshot(INDEX) as snapshot,
            WordSpool(Path(made) / "words.spool", len(settings.text_fields)) as spool,
        ):
            began = perf_counter()
            documents: Iterator[Document] = snapshot.documents()
            if name == "compiling":
                documents = islice(documents, 100)
            build_lexical(
                documents, snapshot.count, settings, Path(made), spool, no_progress, completion=completion
            )
            seconds = perf_counter() - began
            sizes = {each.name: _size(each) for each in Path(made).iterdir() if each.name != "words.spool"}
        writing.MOST_TRIPLES = usual
        if name != "compiling":
            told = ", ".join(f"{file} {size / 2**20:,.1f} MiB" for file, size in sorted(sizes.items()))
            print(f"{name}: {seconds:.1f} s, {told}")


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in [path, *path.rglob("*")] if each.is_file())


def _hold_out(catalogue: Catalogue) -> list[str]:
    """Every tenth document's texts; they are deleted."""
    with catalogue.documents.snapshot(INDEX) as snapshot:
        fields = catalogue.indexes.get(INDEX).settings.text_fields
        chosen = list(islice(snapshot.documents(), 0, None, HELD_OUT_EVERY))
    catalogue.documents.delete(INDEX, [each.doc_id for each in chosen])
    return [each.text(field) for each in chosen for field in fields]


def _train(catalogue: Catalogue, folder: Path, options: dict[str, Any]) -> None:
    """An RNN of the next word, for the index to use."""
    began = perf_counter()
    train_model(catalogue, folder, INDEX, "rnn", {"objective": "language", **options})
    print(f"rnn: trained in {perf_counter() - began:,.0f} s")


def _places(texts: Sequence[str], analyzer: Analyzer) -> list[Place]:
    """`N` places of held-out texts, drawn with a seed."""
    every: list[Place] = []
    for text in texts:
        words = typed(analyzer, text).words
        every.extend(Place(words[:number], words[number]) for number in range(2, len(words)))
    return random.Random(1).sample(every, min(N, len(every)))


def _quality(generation: Generation, held_out: Sequence[str]) -> None:
    """How often the next word is among the most probable, by each model and by all."""
    ngrams = generation.completer.ngrams
    places = _places(held_out, generation.analyzer)
    models: list[NextWordModel] = [KneserNey(ngrams)]
    models += next_word_models({name: each.encoder for name, each in generation.dense.items()}, ngrams)
    for model in [*models, Mixture(models)] if len(models) > 1 else models:
        _tell(model, places, ngrams)


def _tell(model: NextWordModel, places: Sequence[Place], ngrams: Ngrams) -> None:
    among = found = 0
    logs: list[float] = []
    for first in range(0, len(places), BATCH):
        batch = places[first : first + BATCH]
        rows = model.probabilities([each.context for each in batch])
        for row, place in zip(rows, batch, strict=True):
            number = ngrams.words.number(place.word)
            if number is None:
                continue
            rank = int(np.count_nonzero(row > row[number]))
            found += rank == 0
            among += rank < AMONG
            if row[number]:
                logs.append(float(np.log(row[number])))
    print(
        f"{model.name}: next word first {found / len(places):.1%}, among {AMONG} {among / len(places):.1%} "
        f"of {len(places):,}, perplexity {np.exp(-np.mean(logs)):,.0f} of words that it knows"
    )


def _speed(generation: Generation, held_out: Sequence[str]) -> None:
    """How long a text takes that ends anywhere, a query of up to forty characters."""
    drawn = random.Random(2)
    texts = [text for text in held_out if text.strip()]
    queries = [text[: drawn.randrange(1, 41)] for text in drawn.choices(texts, k=1_000)]
    wall, busy = [], []
    for query in ["", *queries]:
        began, worked = perf_counter(), thread_time()
        suggest(generation, query)
        wall.append((perf_counter() - began) * 1_000)
        busy.append((thread_time() - worked) * 1_000)
    print(f"suggest, {len(generation.completer.ngrams.words):,} words, the first of all {wall[0]:.1f} ms")
    for name, ms in (("time", wall[1:]), ("processor time", busy[1:])):
        told = ", ".join(f"p{share} {np.percentile(ms, share):.1f} ms" for share in (50, 95, 99))
        print(f"  {name}: {told}, most {max(ms):.1f} ms")


if __name__ == "__main__":
    main()
