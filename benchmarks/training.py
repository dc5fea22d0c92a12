"""How fast word vectors are trained, beside gensim called directly on the same words in the same run.

`python -m benchmarks.training FOLDER [--workers 2]`: words a second, all epochs together, from the counted
words to their vectors on both sides; the best of three rounds, in turns."""

import argparse
import gzip
import json
import logging
import sys
from itertools import islice
from pathlib import Path
from time import perf_counter

from gensim.models.fasttext import FastText
from gensim.models.word2vec import Word2Vec

from indexer.analysis import analyse
from indexer.encoders.corpus import Corpus, read_corpus
from indexer.encoders.fasttext import FastTextOptions, train_fasttext
from indexer.encoders.word2vec import PredictionOptions, Word2VecOptions, train_word2vec
from indexer.types import no_progress

BUCKETS = 200_000
ROUNDS = 3
WAYS = (
    {"architecture": "skipgram", "negative": 5},
    {"architecture": "skipgram", "negative": 0},
    {"architecture": "cbow", "negative": 5},
)


def gensim_seconds(
    kind: str, corpus: Corpus, sentences: list[list[str]], options: PredictionOptions
) -> float:
    """How long gensim takes, called as its documentation does."""
    more = {"min_n": 3, "max_n": 6, "bucket": BUCKETS} if kind == "fasttext" else {}
    started = perf_counter()
    model = (FastText if kind == "fasttext" else Word2Vec)(**options.for_gensim(), **more)
    model.build_vocab_from_freq(dict(zip(corpus.terms, corpus.cf.tolist(), strict=True)))
    model.train(sentences, total_examples=len(sentences), epochs=options.epochs)
    return perf_counter() - started


def our_seconds(corpus: Corpus, options: PredictionOptions) -> float:
    """How long the same takes here, with progress, losses and a way to stop."""
    started = perf_counter()
    if isinstance(options, FastTextOptions):
        train_fasttext(corpus, options, no_progress)
    else:
        train_word2vec(corpus, Word2VecOptions(**options.model_dump()), no_progress)
    return perf_counter() - started


def main() -> None:
    """Prints a line for each method."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--documents", type=int, default=120_000)
    parser.add_argument("--epochs", type=int, default=3)
    given = parser.parse_args()
    logging.getLogger("gensim").setLevel(logging.ERROR)
    plain = given.folder / "corpus.jsonl"
    with open(plain, "rb") if plain.exists() else gzip.open(f"{plain}.gz") as lines:
        documents = [json.loads(line) for line in islice(lines, given.documents)]
    texts = (f"{each.get('title', '')}\n{each.get('text', '')}" for each in documents)
    corpus = read_corpus((analyse(text).terms for text in texts), 2, no_progress)
    sentences = list(corpus.pieces(10_000))
    counted = f"{len(corpus.ids):,} words, {len(corpus.terms):,} different"
    _tell(f"{given.folder.name}: {counted}, {given.workers} workers")
    for kind in ("word2vec", "fasttext"):
        for way in WAYS:
            common = {**way, "workers": given.workers, "epochs": given.epochs, "dims": 100}
            options: PredictionOptions = (
                FastTextOptions(**common, buckets=BUCKETS)
                if kind == "fasttext"
                else Word2VecOptions(**common)
            )
            taken = [
                (gensim_seconds(kind, corpus, sentences, options), our_seconds(corpus, options))
                for _ in range(ROUNDS)
            ]
            theirs, ours = (min(each) for each in zip(*taken, strict=True))
            words = given.epochs * len(corpus.ids)
            told = f"ours {words / ours:,.0f}/s, gensim {words / theirs:,.0f}/s: {theirs / ours:.2f} ×"
            _tell(f"  {kind} {way['architecture']} negative={way['negative']}: {told}")


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
