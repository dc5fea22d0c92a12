"""How well a model predicts words from their neighbours, measured on the same few examples again and again.

gensim tells a loss for Word2Vec alone, as a growing sum of float32 that stops growing; this is one measure
for all of its models."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.corpus import Corpus
from indexer.types import Vectors

if TYPE_CHECKING:
    from gensim.models.word2vec import Word2Vec

EXAMPLES = 400
SEED = 11


class SampledLoss:
    """−log of the probability that a model gives to a word beside its neighbours, the mean over examples.

    With negative sampling that is −log σ(h·v) − Σ log σ(−h·n) over as many noise words n as the model has;
    with hierarchical softmax −Σ log σ(±h·p) over the path p to the word. h is the vector of one neighbour
    (skip-gram), or the mean of all in the window (CBOW)."""

    def __init__(self, model: "Word2Vec", corpus: Corpus) -> None:
        self._model = model
        rng = np.random.default_rng(SEED)
        places = rng.integers(0, len(corpus.ids), size=EXAMPLES)
        sentences = np.searchsorted(corpus.offsets, places, side="right") - 1
        examples = [
            (corpus.ids[place], self._near(corpus, int(place), int(sentence)))
            for place, sentence in zip(places, sentences, strict=True)
        ]
        kept = [(target, near) for target, near in examples if len(near)]
        self._targets = np.array([target for target, _ in kept], np.int64)
        self._near_words = [rng.choice(near, 1) if model.sg else near for _, near in kept]
        frequencies = corpus.cf.astype(np.float64) ** model.ns_exponent
        self._noise = rng.choice(
            len(corpus.terms), size=(len(kept), model.negative), p=frequencies / frequencies.sum()
        )

    def __call__(self) -> float:
        """The loss now; 0 where no word of the corpus has a neighbour."""
        if not len(self._targets):
            return 0.0
        hidden = np.array([self._inputs(near).mean(axis=0) for near in self._near_words])
        return float(self._noise_loss(hidden) if self._model.negative else self._path_loss(hidden))

    def _near(self, corpus: Corpus, place: int, sentence: int) -> NDArray[np.int32]:
        start, end = corpus.offsets[sentence], corpus.offsets[sentence + 1]
        first, last = max(start, place - self._model.window), min(end, place + self._model.window + 1)
        return np.concatenate([corpus.ids[first:place], corpus.ids[place + 1 : last]])

    def _inputs(self, words: NDArray[np.int32]) -> Vectors:
        """The vectors of words as the model has them now. Shapes: (n, dims)."""
        vectors: Any = self._model.wv
        if not hasattr(vectors, "vectors_ngrams"):
            return np.asarray(vectors.vectors[words])
        # Of FastText the words' own vectors are brought up to date at the end of a walk only.
        return np.array(
            [
                (vectors.vectors_vocab[word] + vectors.vectors_ngrams[rows].sum(axis=0)) / (1 + len(rows))
                for word in words.tolist()
                for rows in [vectors.buckets_word[word]]
            ]
        )

    def _noise_loss(self, hidden: Vectors) -> float:
        outputs = self._model.syn1neg
        hit = np.einsum("nd,nd->n", hidden, outputs[self._targets])
        missed = np.einsum("nd,nkd->nk", hidden, outputs[self._noise])
        losses = np.logaddexp(0, -hit) + np.logaddexp(0, missed).sum(axis=1)
        return float(losses.mean())

    def _path_loss(self, hidden: Vectors) -> float:
        keyed = self._model.wv
        loss = 0.0
        for each, target in zip(hidden, self._targets.tolist(), strict=True):
            path, code = keyed.get_vecattr(target, "point"), keyed.get_vecattr(target, "code")
            signs = 1.0 - 2.0 * np.asarray(code, np.float64)
            loss += np.logaddexp(0, -signs * (self._model.syn1[path] @ each)).sum()
        return loss / len(hidden)
