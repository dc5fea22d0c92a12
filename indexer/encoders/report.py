"""What a training tells of itself: its losses, what it covers, and whether what it learned makes sense."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from indexer.encoders.base import Analyse
from indexer.encoders.corpus import Corpus
from indexer.encoders.related import RELATED
from indexer.encoders.training import Trained
from indexer.encoders.words import WordVectors
from indexer.types import Vectors

SHOWN_WORDS = 12
SHOWN_NEIGHBOURS = 5
COMMON = 0.1
"""The share of the sentences; a word in more of them is about little."""
FEWEST_PAIRS = 5
"""Related words that have to be known for their likeness to mean anything."""


def training_report(
    type: str, parameters: Mapping[str, Any], trained: Trained, corpus: Corpus, analyse: Analyse
) -> dict[str, Any]:
    """All of it, as JSON values; the same training gives the same."""
    words = trained.words
    return {
        "type": type,
        "parameters": dict(parameters),
        "losses": [round(loss, 6) for loss in trained.losses],
        "vocabulary": len(words.words),
        "sentences": corpus.n_sentences,
        "tokens": corpus.n_tokens,
        "coverage": coverage(words, corpus),
        "neighbours": _neighbours(words, corpus),
        "related_words": related_words(words, analyse),
    }


def coverage(words: WordVectors, corpus: Corpus) -> float:
    """The share of the words of a corpus that have a vector of their own."""
    known = set(words.words)
    here = np.array([term in known for term in corpus.terms], np.bool_)
    return round(float(corpus.cf[here].sum(dtype=np.int64)) / max(1, corpus.n_tokens), 4)


def related_words(words: WordVectors, analyse: Analyse) -> dict[str, Any] | None:
    """How well related words are told from others, over the pairs of `RELATED` that are known.

    nearer: of all (pair, word of another pair), in how many the first word of the pair is nearer to the
    second than to the other; 0.5 is what chance gives, 1 the best. None where hardly any pair is known."""
    rows = {word: row for row, word in enumerate(words.words)}
    pairs = [
        (rows[one], rows[other])
        for one, other in (map(_term(analyse), pair) for pair in RELATED)
        if one in rows and other in rows
    ]
    if len(pairs) < FEWEST_PAIRS:
        return None
    firsts, seconds = (unit(words.vectors[[pair[side] for pair in pairs]]) for side in (0, 1))
    cosines = firsts @ seconds.T
    own = np.diag(cosines)
    others = ~np.eye(len(pairs), dtype=np.bool_)
    return {
        "pairs": len(pairs),
        "cosine": round(float(own.mean()), 4),
        "cosine_of_others": round(float(cosines[others].mean()), 4),
        "nearer": round(float((own[:, None] > cosines)[others].mean()), 4),
    }


def unit(vectors: Vectors) -> Vectors:
    """The vectors at length 1; those of length 0 as they are. Shapes: (n, dims)."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)


def _term(analyse: Analyse) -> Any:
    def term(word: str) -> str:
        terms = analyse(word).terms
        return terms[0] if len(terms) == 1 else ""

    return term


def _neighbours(words: WordVectors, corpus: Corpus) -> list[dict[str, Any]]:
    """The nearest words of those with the most cf · log(N/df)², in that order, of the words that are in few
    enough sentences to be about something."""
    telling = corpus.cf * np.log(corpus.n_sentences / corpus.df) ** 2
    telling[corpus.df > COMMON * corpus.n_sentences] = 0
    shown = np.argsort(-telling, kind="stable")[:SHOWN_WORDS].tolist()
    vectors = unit(words.vectors)
    cosines = vectors[shown] @ vectors.T
    cosines[np.arange(len(shown)), shown] = -np.inf
    best = np.argsort(-cosines, axis=1, kind="stable")[:, :SHOWN_NEIGHBOURS]
    return [
        {
            "word": words.words[row],
            "near": [(words.words[each], round(float(cosines[place, each]), 4)) for each in best[place]],
        }
        for place, row in enumerate(shown)
    ]
