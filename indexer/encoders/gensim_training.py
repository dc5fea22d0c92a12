"""Training through gensim: the corpus walked batch by batch, with progress, a loss, and a way to stop."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from indexer.encoders.corpus import Corpus
from indexer.encoders.sampled_loss import SampledLoss
from indexer.types import Progress

if TYPE_CHECKING:
    from gensim.models.word2vec import Word2Vec

FIRST_RATE, LAST_RATE = 0.025, 0.0001
"""The learning rate falls between them in a line, as in the original programs."""

BATCH_WORDS = 500_000
"""Words between two reports: a second or two."""

logger = logging.getLogger(__name__)


def learn_vocabulary(model: "Word2Vec", corpus: Corpus) -> None:
    """Gives a model that counts nothing itself the words of the corpus."""
    model.build_vocab_from_freq(dict(zip(corpus.terms, corpus.cf.tolist(), strict=True)))


def walk(model: "Word2Vec", corpus: Corpus, name: str, epochs: int, progress: Progress) -> Sequence[float]:
    """The loss after each epoch. gensim reads in a thread of its own, where an error of ours would hang it,
    so it only ever gets lists, and is stopped between two of them."""
    from gensim.models.word2vec import MAX_WORDS_IN_BATCH

    total = epochs * len(corpus.ids)
    done = 0
    measure = SampledLoss(model, corpus)
    losses = []

    def rate() -> float:
        return FIRST_RATE - (FIRST_RATE - LAST_RATE) * done / total

    for epoch in range(1, epochs + 1):
        # gensim silently drops what is beyond MAX_WORDS_IN_BATCH in a sentence.
        for batch in corpus.batches(BATCH_WORDS, MAX_WORDS_IN_BATCH):
            first_rate = rate()
            done += sum(map(len, batch))
            model.train(batch, total_examples=len(batch), epochs=1, start_alpha=first_rate, end_alpha=rate())
            progress(f"train {name}", done, total, measure())
        losses.append(measure())
        logger.info("%s epoch=%d epochs=%d loss=%.4f", name, epoch, epochs, losses[-1])
    return losses


@contextmanager
def quiet_gensim() -> Iterator[None]:
    """gensim logs every batch, and warns of settings that are meant."""
    log = logging.getLogger("gensim")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
