"""FastText, trained on the user's own texts through gensim: a word is the mean of itself and its n-grams.

Source: Bojanowski, Grave, Joulin, Mikolov: Enriching Word Vectors with Subword Information, TACL 2017."""

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from indexer.encoders.corpus import Corpus
from indexer.encoders.gensim_training import learn_vocabulary, quiet_gensim, walk
from indexer.encoders.subwords import Subwords, buckets_of
from indexer.encoders.training import Trained, epochs_for
from indexer.encoders.word2vec import PredictionOptions
from indexer.encoders.words import WordVectors
from indexer.types import Progress, Vectors

TYPE = "fasttext"

WORDS_SEEN = 2_000_000
"""Words that training walks over, all epochs together, where nobody has set the epochs."""

MOST_BUCKETS = 2_000_000


class FastTextOptions(PredictionOptions):
    """What the training of FastText can be told."""

    shortest: int = Field(default=3, ge=1, le=10, description="Characters of the shortest n-grams.")
    longest: int = Field(default=6, ge=1, le=10, description="Characters of the longest n-grams.")
    buckets: int | None = Field(
        default=None,
        ge=1_000,
        le=MOST_BUCKETS,
        description="Numbers that n-grams are hashed to; by itself twice as many as there are n-grams.",
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.shortest > self.longest:
            raise ValueError("`shortest` must not be above `longest`")
        return self


def train_fasttext(corpus: Corpus, options: FastTextOptions, progress: Progress) -> Trained:
    """Vectors of the corpus's words and of their n-grams; with one worker the same input gives the same
    bytes."""
    from gensim.models.fasttext import FastText

    n_buckets = options.buckets or _buckets_for(corpus, options)
    with quiet_gensim():
        model = FastText(
            **options.for_gensim(), min_n=options.shortest, max_n=options.longest, bucket=n_buckets
        )
        learn_vocabulary(model, corpus)
        losses = walk(model, corpus, TYPE, epochs_for(corpus, options, WORDS_SEEN), progress)
    keyed = model.wv
    subwords = _learned(keyed.vectors_ngrams, keyed.buckets_word, options)
    return Trained(WordVectors(corpus.terms, keyed.vectors, corpus.cf.astype("i8"), subwords), losses)


def _buckets_for(corpus: Corpus, options: FastTextOptions) -> int:
    """Twice as many as the words have n-grams: then few share one."""
    every = [buckets_of(term, options.shortest, options.longest, 2**31) for term in corpus.terms]
    return min(MOST_BUCKETS, max(1_000, 2 * len(np.unique(np.concatenate(every)))))


def _learned(
    vectors: Vectors, buckets_of_words: Sequence[NDArray[np.uint32]], options: FastTextOptions
) -> Subwords:
    """The n-grams that training has seen. The others are as they were drawn by lot at its beginning, and
    would be noise in the vector of a new word."""
    seen = np.unique(np.concatenate(list(buckets_of_words)))
    rows = np.full(len(vectors), -1, np.int32)
    rows[seen] = np.arange(len(seen))
    return Subwords(options.shortest, options.longest, rows, vectors[seen])
