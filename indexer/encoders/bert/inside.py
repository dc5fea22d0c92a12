"""What is inside a model: the vectors of every layer, what looks at what, and what it was trained to guess.

Only folders that were converted with their layers and heads have it.
Source: Devlin et al., NAACL 2019, "BERT", sections 3 and 3.1."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.bert.encoder import BertEncoder
from indexer.encoders.bert.graph import Graph, Ids
from indexer.encoders.inside import (
    Guess,
    Span,
    TokenMatrix,
    Window,
    check_number,
    cosines,
    softmax,
    span_means,
)
from indexer.errors import FeatureMissingError, InputError
from indexer.types import Vectors

LAYERS, HEADS = "layers.onnx", "heads.onnx"


class InnerModel:
    """The layers and heads of an encoder's model. Safe for any number of threads.

    Texts are read without prompts, as much as fits into one window."""

    def __init__(self, encoder: BertEncoder) -> None:
        self._encoder = encoder
        self._opened: dict[str, Graph] = {}
        self._lock = threading.Lock()

    def hidden_states(self, text: str, layer: int) -> TokenMatrix:
        """The vectors of the tokens behind a layer; layer 0: as they go into the first.

        Raises: FeatureMissingError, InputError for a layer that is not there or a text without tokens."""
        graph = self._graph(LAYERS, "layers")
        window, left_out = self._read(text)
        [values] = self._run(graph, [_numbered(graph, "hidden_states", layer, "layer")], window)
        return TokenMatrix(window, values[0], left_out)

    def attention(self, text: str, layer: int, head: int) -> TokenMatrix:
        """How much each token looks at each, in a head of a layer, both from 0. Raises: as hidden_states."""
        graph = self._graph(LAYERS, "attention")
        name = _numbered(graph, "attentions", layer, "layer")
        window, left_out = self._read(text)
        [values] = self._run(graph, [name], window)
        check_number("head", head, values.shape[1])
        return TokenMatrix(window, values[0, head], left_out)

    def senses(self, text_a: str, span_a: Span, text_b: str, span_b: Span) -> list[float]:
        """How alike two words are where they stand: the cosine of the means of their tokens' vectors, a layer
        after the other from 0. Range: −1 to 1.

        Raises: FeatureMissingError, InputError for a span without a token."""
        graph = self._graph(LAYERS, "layers")
        names = sorted((each for each in graph.outputs if each.startswith("hidden_states.")), key=_number)
        one, other = (self._means(graph, names, *each) for each in ((text_a, span_a), (text_b, span_b)))
        return cosines(one, other)

    def fill_mask(self, text: str, k: int) -> list[Guess]:
        """The k likeliest tokens for each mask in a text. Ties: the token with the smaller number.

        Raises: FeatureMissingError; InputError (`no_mask`) for a text without one."""
        graph = self._graph(HEADS, "masked language model", "prediction_logits")
        mask = self._encoder.tokenizer.mask_id
        if mask is None:
            raise FeatureMissingError(
                "The tokenizer of this model has no token for a mask: take another model."
            )
        window, _ = self._read(text)
        places = [place for place, each in enumerate(window.ids) if each == mask]
        if not places:
            raise InputError(
                f"A text with at least one `{self._encoder.tokenizer.term(mask)}` was wanted, found none.",
                pointer="/text",
                code="no_mask",
            )
        [logits] = self._run(graph, ["prediction_logits"], window)
        return [
            Guess((window.starts[place], window.ends[place]), self._likeliest(logits[0, place], k))
            for place in places
        ]

    def next_sentence(self, first: str, second: str) -> float:
        """The probability that the second text follows the first.

        Raises: FeatureMissingError; InputError where both are longer than the model reads at once."""
        graph = self._graph(HEADS, "next sentence", "seq_relationship_logits")
        pair = self._encoder.tokenizer.pair(first, second)
        if len(pair) > (most := self._encoder.settings.max_length):
            raise InputError(
                f"Two texts of at most {most:,} tokens were wanted, found {len(pair):,}: shorten them.",
                code="too_large",
            )
        ids, types = np.array([pair.ids], np.int64), np.array([pair.type_ids], np.int64)
        [logits] = graph.run(["seq_relationship_logits"], ids, np.ones_like(ids), types)
        return float(softmax(logits[0])[0])

    def _graph(self, name: str, what: str, output: str | None = None) -> Graph:
        """A graph of the model, opened when it is first asked for."""
        path: Path | None = self._encoder.files.get(name)
        if path is None:
            raise FeatureMissingError(
                f"The model was made without `onnx/{name}`, which {what} needs: convert it with "
                "`textprism models convert`, and reindex."
            )
        with self._lock:
            if name not in self._opened:
                self._opened[name] = Graph(path.parent, path)
        graph = self._opened[name]
        if output is not None and output not in graph.outputs:
            raise FeatureMissingError(f"The model has no head for {what}: take one that was trained with it.")
        return graph

    def _read(self, text: str) -> tuple[Window, int]:
        """As much of a text as fits into one window, and how many tokens do not."""
        [found] = self._encoder.tokenizer.windows([text], "", self._encoder.settings.max_length, most=1)
        if not found.windows:
            raise InputError("A text with at least one token was wanted, found none.", pointer="/text")
        return found.windows[0], found.left_out

    def _run(self, graph: Graph, names: Sequence[str], window: Window) -> list[Vectors]:
        ids: Ids = np.array([window.ids], np.int64)
        return graph.run(names, ids, np.ones_like(ids))

    def _means(self, graph: Graph, names: Sequence[str], text: str, span: Span) -> NDArray[np.float64]:
        """The mean of the vectors of the tokens in a span, by layer. Shapes: (n_layers, dims)."""
        window, _ = self._read(text)
        return span_means(window, self._run(graph, names, window), text, span)

    def _likeliest(self, logits: Vectors, k: int) -> list[tuple[str, float]]:
        chances = softmax(logits)
        order = np.argsort(-chances, kind="stable")[:k].tolist()
        return [(self._encoder.tokenizer.term(each), float(chances[each])) for each in order]


def _number(name: str) -> int:
    return int(name.rpartition(".")[2])


def _numbered(graph: Graph, kind: str, number: int, what: str) -> str:
    """The output of that number. Raises: InputError where there is none."""
    check_number(what, number, sum(each.startswith(f"{kind}.") for each in graph.outputs))
    return f"{kind}.{number}"
