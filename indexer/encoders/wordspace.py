"""From word vectors to an encoder of an index: weighted by its texts, less what these have in common."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from indexer.encoders.base import Analyse, Sentences
from indexer.encoders.corpus import Corpus, read_corpus
from indexer.encoders.pooling import (
    PoolingOptions,
    common_direction,
    mean_weight,
    without_direction,
    word_weights,
)
from indexer.encoders.report import coverage, training_report
from indexer.encoders.static import StaticVectors
from indexer.encoders.training import Options, Train, Trained, check_size
from indexer.encoders.words import WordVectors
from indexer.types import Progress

_ANALYSED_TOGETHER = 10_000  # words


def train_words(
    type: str, train: Train[Options], sentences: Sentences, options: Options, progress: Progress
) -> tuple[Trained, Corpus]:
    """Word vectors of the sentences, and these as they were learned from.

    Raises: InputError (`corpus_too_small`), and what `progress` raises to stop."""
    corpus = read_corpus(sentences, options.min_count, progress)
    check_size(corpus, type, options)
    return train(corpus, options, progress), corpus


def trained_encoder(
    type: str,
    train: Train[Options],
    sentences: Sentences,
    options: Options,
    analyse: Analyse,
    progress: Progress,
) -> StaticVectors:
    """An encoder of word vectors that are learned from the sentences. Raises: as `train_words`."""
    trained, corpus = train_words(type, train, sentences, options, progress)
    said = {**options.model_dump(), "epochs": len(trained.losses)}
    report = training_report(type, said, trained, corpus, analyse)
    return pooled(type, trained.words, corpus, options, said, analyse, report)


def encoder_of_words(
    type: str,
    words: WordVectors,
    sentences: Sentences,
    options: PoolingOptions,
    analyse: Analyse,
    report: Mapping[str, Any],
    progress: Progress,
) -> StaticVectors:
    """An encoder of words that are there already, for the texts that the sentences are of.

    report: what is told of the words; to it comes how much of the sentences they cover."""
    corpus = read_corpus(sentences, 1, progress)
    told = {**report, "coverage": coverage(words, corpus)}
    return pooled(type, words, corpus, options, options.model_dump(), analyse, told)


def words_as_terms(words: WordVectors, analyse: Analyse) -> WordVectors:
    """The words as the terms that the analysis makes of them; of several words with one term the first, which
    is the most frequent. What is more than one term has no place in an index, and is left out."""
    rows: dict[str, int] = {}
    for first in range(0, len(words.words), _ANALYSED_TOGETHER):
        batch = words.words[first : first + _ANALYSED_TOGETHER]
        tokens = analyse("\n".join(batch))
        spans = {
            (start, end): term
            for term, start, end in zip(tokens.terms, tokens.starts, tokens.ends, strict=True)
        }
        begin = 0
        for row, word in enumerate(batch, first):
            term = spans.get((begin, begin + len(word)))
            if term is not None:
                rows.setdefault(term, row)
            begin += len(word) + 1
    kept = list(rows.values())
    counts = None if words.counts is None else words.counts[kept]
    return WordVectors(list(rows), np.asarray(words.vectors[kept]), counts, words.subwords)


def pooled(
    type: str,
    words: WordVectors,
    corpus: Corpus,
    options: PoolingOptions,
    parameters: Mapping[str, Any],
    analyse: Analyse,
    report: Mapping[str, Any],
) -> StaticVectors:
    """The encoder of the words, weighted and centred by the corpus."""
    weights = word_weights(options.pooling, words.words, corpus)
    direction = common_direction(options.pooling, words.words, words.vectors, corpus)
    subwords = words.subwords
    centred = replace(
        words,
        vectors=without_direction(words.vectors, direction),
        # The vector of a made word is the mean of its n-grams', so that what goes from these goes from it.
        subwords=subwords and replace(subwords, vectors=without_direction(subwords.vectors, direction)),
    )
    made_weight = mean_weight(options.pooling, corpus)
    return StaticVectors(type, centred, weights, parameters, analyse, report, made_weight)
