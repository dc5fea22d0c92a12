"""Word2Vec, trained on the user's own texts through gensim.

Source: Mikolov et al., 2013, "Efficient Estimation of Word Representations in Vector Space" (CBOW,
Skip-gram) and "Distributed Representations of Words and Phrases" (negative sampling)."""

from typing import Literal

from pydantic import Field

from indexer.encoders.corpus import Corpus
from indexer.encoders.gensim_training import learn_vocabulary, quiet_gensim, walk
from indexer.encoders.training import Trained, TrainingOptions, epochs_for
from indexer.encoders.words import WordVectors
from indexer.types import Progress

TYPE = "word2vec"

WORDS_SEEN = 2_000_000
"""Words that training walks over, all epochs together, where nobody has set the epochs."""


class PredictionOptions(TrainingOptions):
    """What the training of words by their neighbours can be told: of Word2Vec and of FastText."""

    architecture: Literal["skipgram", "cbow"] = Field(
        default="skipgram",
        description="skipgram predicts the context from a word, cbow a word from its context.",
    )
    negative: int = Field(
        default=5, ge=0, le=50, description="Noise words per example; 0 takes hierarchical softmax instead."
    )

    def for_gensim(self) -> dict[str, object]:
        """The same by the names that gensim has for it."""
        return {
            "vector_size": self.dims,
            "window": self.window,
            "min_count": 1,  # the corpus has left the rare words out
            "sg": int(self.architecture == "skipgram"),
            "negative": self.negative,
            "hs": int(self.negative == 0),
            "seed": self.seed,
            "workers": self.workers,
            "sorted_vocab": 0,  # sorted already; gensim's own sort leaves ties to the processor
        }


class Word2VecOptions(PredictionOptions):
    """What the training of Word2Vec can be told."""


def train_word2vec(corpus: Corpus, options: Word2VecOptions, progress: Progress) -> Trained:
    """Vectors of the corpus's words; with one worker the same input gives the same bytes."""
    from gensim.models.word2vec import Word2Vec

    with quiet_gensim():
        model = Word2Vec(**options.for_gensim())
        learn_vocabulary(model, corpus)
        losses = walk(model, corpus, TYPE, epochs_for(corpus, options, WORDS_SEEN), progress)
    return Trained(WordVectors(corpus.terms, model.wv.vectors, corpus.cf.astype("i8")), losses)
