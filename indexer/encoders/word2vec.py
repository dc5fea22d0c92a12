"""Word2Vec, trained on the user's own texts through gensim.

Source: Mikolov et al., 2013, "Efficient Estimation of Word Representations in Vector Space" (CBOW,
Skip-gram) and "Distributed Representations of Words and Phrases" (negative sampling)."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from indexer.encoders.base import Analyse, Sentences
from indexer.encoders.corpus import Corpus, read_corpus
from indexer.encoders.pooling import squared_idf, without_common_direction
from indexer.encoders.static import StaticVectors
from indexer.errors import InputError
from indexer.types import Progress

if TYPE_CHECKING:
    from gensim.models.word2vec import Word2Vec

TYPE = "word2vec"

MIN_TOKENS = 1_000
MIN_TERMS = 50

WORDS_SEEN = 2_000_000
"""Words that training walks over, all epochs together, where nobody has set the epochs."""

FIRST_RATE, LAST_RATE = 0.025, 0.0001
"""The learning rate falls between them in a line, as in the original program."""

BATCH_WORDS = 500_000
"""Words between two reports: a second or two."""

logger = logging.getLogger(__name__)


class Word2VecOptions(BaseModel):
    """What the training of Word2Vec can be told."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    dims: int = Field(default=100, ge=8, le=1000, description="Length of the vectors.")
    window: int = Field(default=5, ge=1, le=50, description="Words looked at on either side.")
    min_count: int = Field(default=2, ge=1, le=1000, description="Rarer words get no vector.")
    architecture: Literal["skipgram", "cbow"] = Field(
        default="skipgram",
        description="skipgram predicts the context from a word, cbow a word from its context.",
    )
    negative: int = Field(
        default=5, ge=0, le=50, description="Noise words per example; 0 takes hierarchical softmax instead."
    )
    epochs: int | None = Field(
        default=None, ge=1, le=1000, description="Walks over the corpus; by itself 2 to 60, by its size."
    )
    seed: int = Field(default=1, ge=0, lt=2**32, description="The same seed and texts give the same vectors.")


def train_word2vec(
    sentences: Sentences, options: Word2VecOptions, analyse: Analyse, progress: Progress
) -> StaticVectors:
    """Word vectors of the corpus, weighted by squared IDF over its sentences, less what these have in common;
    the same input gives the same bytes.

    Units of progress: words, all epochs together.
    Raises: InputError (`corpus_too_small`), and what `progress` raises to stop."""
    corpus = read_corpus(sentences, options.min_count, progress)
    _check_size(corpus, options)
    epochs = options.epochs or min(60, max(2, ceil(WORDS_SEEN / len(corpus.ids))))
    with _quiet_gensim():
        model = _new_model(corpus, options)
        _train(model, corpus, epochs, progress)
    parameters = {**options.model_dump(), "epochs": epochs, "sentences": corpus.n_sentences}
    weights = squared_idf(corpus.df, corpus.n_sentences)
    vectors = without_common_direction(model.wv.vectors, weights, corpus)
    return StaticVectors(TYPE, corpus.terms, vectors, weights, parameters, analyse)


def _check_size(corpus: Corpus, options: Word2VecOptions) -> None:
    if corpus.n_tokens < MIN_TOKENS or len(corpus.terms) < MIN_TERMS:
        raise InputError(
            f"word2vec wants at least {MIN_TOKENS} words of text and {MIN_TERMS} different words that occur "
            f"min_count={options.min_count} times; found {corpus.n_tokens} and {len(corpus.terms)}: "
            "add documents, lower min_count or choose another encoder.",
            code="corpus_too_small",
        )


def _new_model(corpus: Corpus, options: Word2VecOptions) -> "Word2Vec":
    from gensim.models.word2vec import Word2Vec

    model = Word2Vec(
        vector_size=options.dims,
        window=options.window,
        min_count=1,  # the corpus has left the rare words out
        sg=int(options.architecture == "skipgram"),
        negative=options.negative,
        hs=int(options.negative == 0),
        seed=options.seed,
        workers=1,  # with more, the result depends on who comes first
        sorted_vocab=0,  # sorted already; gensim's own sort leaves ties to the processor
        compute_loss=True,
    )
    model.build_vocab_from_freq(dict(zip(corpus.terms, corpus.cf.tolist(), strict=True)))
    return model


def _train(model: "Word2Vec", corpus: Corpus, epochs: int, progress: Progress) -> None:
    """Walks over the corpus batch by batch: gensim reads in a thread of its own, where an error of ours
    would hang it, so it only ever gets lists, and is stopped between two of them."""
    from gensim.models.word2vec import MAX_WORDS_IN_BATCH

    total = epochs * len(corpus.ids)
    done = 0

    def rate() -> float:
        return FIRST_RATE - (FIRST_RATE - LAST_RATE) * done / total

    for epoch in range(1, epochs + 1):
        loss, trained = 0.0, 0
        # gensim silently drops what is beyond MAX_WORDS_IN_BATCH in a sentence.
        for batch in corpus.batches(BATCH_WORDS, MAX_WORDS_IN_BATCH):
            first_rate = rate()
            done += sum(map(len, batch))
            trained += model.train(
                batch,
                total_examples=len(batch),
                epochs=1,
                start_alpha=first_rate,
                end_alpha=rate(),
                compute_loss=True,
            )[0]
            loss += model.get_latest_training_loss()
            progress("train word2vec", done, total)
        logger.info("word2vec epoch=%d epochs=%d loss=%.4f", epoch, epochs, loss / max(1, trained))


@contextmanager
def _quiet_gensim() -> Iterator[None]:
    """gensim logs every batch, and warns of settings that are meant."""
    log = logging.getLogger("gensim")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
