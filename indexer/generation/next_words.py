"""The language model of an RNN, asked for the words of a completion."""

import threading
from collections import OrderedDict
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

MOST_KNOWN = 128
"""Contexts whose answers are kept: while a word is typed, those before it stay the same."""

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
        self._known: OrderedDict[tuple[int, ...], Weights] = OrderedDict()
        self._lock = threading.Lock()

    def probabilities(self, contexts: Sequence[Context]) -> Weights:
        """How probable each word is after each context. Shapes: (n_contexts, n_words)."""
        places, shares = self._spread
        found = np.empty((len(contexts), len(places)))
        for number, chances in enumerate(self._chances([self._numbers(context) for context in contexts])):
            row = chances[places] * shares
            total = row.sum()
            found[number] = row / total if total else 1 / len(row)
        return found

    def _chances(self, texts: Sequence[tuple[int, ...]]) -> list[Weights]:
        """What the network says behind each text, as it said before where that is kept."""
        language = self._encoder.language
        assert language is not None
        with self._lock:
            found = {text: self._known[text] for text in texts if text in self._known}
        new = list(dict.fromkeys(text for text in texts if text not in found))
        for number, [logits] in self._encoder.network.read(new, _LOGITS):
            found[new[number]] = language.chances(logits)
        with self._lock:
            self._known.update(found)
            for text in found:
                self._known.move_to_end(text)
            while len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        return [found[text] for text in texts]

    def _numbers(self, words: Context) -> tuple[int, ...]:
        """The numbers of the last words as the network reads them, behind the one that begins a text."""
        terms = [stem(word) for word in words[-MOST_CONTEXT:]]
        return tuple(self._encoder.lexis.numbers(terms, MOST_CONTEXT))

    @cached_property
    def _spread(self) -> tuple[NDArray[np.int64], Weights]:
        """Of each word of the completion the number of its stem in the network, and its share of that stem; 0
        of a word that the network does not know."""
        terms = [stem(word) for word in self._ngrams.words]
        config = self._encoder.network.config
        places = np.array(self._encoder.lexis.numbers(terms, len(terms))[1:], np.int64)
        documents = self._ngrams.documents * (places >= config.ordinary)
        every = np.bincount(places, documents, minlength=config.vocabulary)
        return places, documents / np.maximum(every[places], 1)
