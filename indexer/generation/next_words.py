"""The language model of an RNN, asked for the words of a completion."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import stem
from indexer.completion import MOST_CONTEXT, Context, Ngrams
from indexer.encoders import Encoder
from indexer.encoders.rnn import language_model
from indexer.types import Weights

if TYPE_CHECKING:
    from indexer.encoders.rnn.encoder import WordRnn

_LOGITS = ["next_logits"]


def next_word_models(encoders: Mapping[str, Encoder], ngrams: Ngrams) -> Iterator["RnnNextWords"]:
    """The language models among encoders; one that speaks in pieces of words is none here."""
    for name, encoder in encoders.items():
        if (language := language_model(encoder)) is not None and language.unit == "words":
            yield RnnNextWords(name, cast("WordRnn", encoder), ngrams)


class RnnNextWords:
    """What an RNN that reads words of the analysis says of the next one.

    It speaks in stems: P(w) = P(stem of w) · df(w) / Σ df of all words of that stem. What it gives to words
    that are none of the completion, and to the end of a text, is given to all others alike."""

    def __init__(self, name: str, encoder: "WordRnn", ngrams: Ngrams) -> None:
        """encoder: one that has learned the next word."""
        self.name = name
        self._encoder = encoder
        self._ngrams = ngrams

    def probabilities(self, contexts: Sequence[Context]) -> Weights:
        """How probable each word is after each context. Shapes: (n_contexts, n_words)."""
        places, shares = self._spread
        found = np.empty((len(contexts), len(places)))
        texts = [self._numbers(context[-MOST_CONTEXT:]) for context in contexts]
        language = self._encoder.language
        assert language is not None
        for number, [logits] in self._encoder.network.read(texts, _LOGITS):
            row = language.chances(logits)[places] * shares
            total = row.sum()
            found[number] = row / total if total else 1 / len(row)
        return found

    def _numbers(self, words: Sequence[str]) -> list[int]:
        """The numbers of words as the network reads them, behind the one that begins a text."""
        return self._encoder.lexis.numbers([stem(word) for word in words], MOST_CONTEXT)

    @cached_property
    def _spread(self) -> tuple[NDArray[np.int64], Weights]:
        """Of each word of the completion the number of its stem in the network, and its share of that stem; 0
        of a word that the network does not know."""
        words = list(self._ngrams.words)
        terms = [stem(word) for word in words]
        known = self._encoder.lexis
        places = np.array(known.numbers(terms, len(terms))[1:], np.int64)
        documents = self._ngrams.documents * (places >= self._encoder.network.config.ordinary)
        every = np.bincount(places, documents, minlength=self._encoder.network.config.vocabulary)
        return places, documents / np.maximum(every[places], 1)
