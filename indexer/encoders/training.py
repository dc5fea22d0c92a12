"""What all trainers of word vectors are told, and what they give."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Protocol, TypeVar

from pydantic import Field

from indexer.encoders.corpus import Corpus
from indexer.encoders.pooling import PoolingOptions
from indexer.encoders.words import WordVectors
from indexer.errors import InputError
from indexer.types import Progress

MIN_TOKENS = 1_000
MIN_TERMS = 50

MOST_EPOCHS, FEWEST_EPOCHS = 60, 2
"""Of those that are chosen by the size of the corpus."""


class TrainingOptions(PoolingOptions):
    """What every training of word vectors can be told."""

    dims: int = Field(default=100, ge=8, le=1000, description="Length of the vectors.")
    window: int = Field(default=5, ge=1, le=50, description="Words looked at on either side.")
    min_count: int = Field(default=2, ge=1, le=1000, description="Rarer words are not learned.")
    epochs: int | None = Field(
        default=None, ge=1, le=1000, description="Walks over the corpus; by itself 2 to 60, by its size."
    )
    seed: int = Field(default=1, ge=0, lt=2**32, description="The same seed and texts give the same vectors.")
    workers: int = Field(
        default=1, ge=1, le=64, description="Threads; with more than one, no two trainings are the same."
    )


Options = TypeVar("Options", bound=TrainingOptions, contravariant=True)


@dataclass(frozen=True, slots=True)
class Trained:
    """Word vectors, and the mean loss of an example in each epoch, whatever the method calls an example."""

    words: WordVectors
    losses: Sequence[float]


class Train(Protocol[Options]):
    """Learns word vectors."""

    def __call__(self, corpus: Corpus, options: Options, progress: Progress, /) -> Trained:
        """From a corpus that is large enough; units of progress: words. May raise what `progress` raises."""


def check_size(corpus: Corpus, name: str, options: TrainingOptions) -> None:
    """Raises InputError (`corpus_too_small`) where there is too little to learn from."""
    if corpus.n_tokens < MIN_TOKENS or len(corpus.terms) < MIN_TERMS:
        raise InputError(
            f"{name} wants at least {MIN_TOKENS} words of text and {MIN_TERMS} different words that occur "
            f"min_count={options.min_count} times; found {corpus.n_tokens} and {len(corpus.terms)}: "
            "add documents, lower min_count or choose another encoder.",
            code="corpus_too_small",
        )


def epochs_for(corpus: Corpus, options: TrainingOptions, words_seen: int) -> int:
    """The epochs that were asked for, else those in which training walks over about `words_seen` words."""
    return options.epochs or min(MOST_EPOCHS, max(FEWEST_EPOCHS, ceil(words_seen / len(corpus.ids))))
