"""The network that is trained: words go in as vectors, states go on in time, a vector of the text comes out.

    vanilla   h_t = f(W_hh h_{t−1} + W_xh x_t + b_h), f tanh or ReLU
    LSTM      i, f, o = σ(W x_t + R h_{t−1} + b), g = tanh(W x_t + R h_{t−1} + b)
              c_t = f∘c_{t−1} + i∘g, h_t = o∘tanh(c_t)
    GRU       r, z = σ(W x_t + R h_{t−1} + b), n = tanh(W x_t + b_x + r∘(R h_{t−1} + b_h))
              h_t = (1 − z)∘n + z∘h_{t−1}

In the GRU the reset gate is applied behind the matrix, with a bias of its own (`linear_before_reset` of
ONNX), and a large z keeps the former state. Sources: Elman, 1990; Hochreiter and Schmidhuber, 1997, with the
forget gate of Gers et al., 2000; Cho et al., 2014, in the variant of cuDNN."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from indexer.pretraining.rnn.options import Cell, Pooling

GATES: Mapping[Cell, int] = {"vanilla": 1, "lstm": 4, "gru": 3}
"""Blocks of the matrices: of the LSTM i, f, g, o, of the GRU r, z, n."""

State = Any
"""What goes on in time: h, or of an LSTM h and c. Shapes: (layers, n, hidden)."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """The shape of a network. `outputs`: numbers that the output layer of the objective gives, 0: there is
    none; `speaks`: whether there is one for the next word."""

    vocabulary: int
    ordinary: int
    cell: Cell
    activation: str
    bidirectional: bool
    layers: int
    embedding: int
    hidden: int
    pooling: Pooling
    projection: int | None
    tied: bool
    outputs: int
    speaks: bool

    @property
    def width(self) -> int:
        """Numbers of a step in the last layer."""
        return self.hidden * (2 if self.bidirectional else 1)

    @property
    def dims(self) -> int:
        """The length of the vector of a text."""
        return self.projection or self.width


class Recurrent(nn.Module):
    """The network. Numbers below `ordinary` are special: they go in, but are not pooled."""

    def __init__(self, shape: Architecture) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.embedding)
        self.rnn = _rnn(shape)
        if shape.pooling == "attention":
            self.scores = nn.Linear(shape.width, 1)
        if shape.projection is not None:
            self.projection = nn.Linear(shape.width, shape.projection)
        if shape.speaks:
            self.next_word = nn.Linear(shape.width, shape.vocabulary)
            if shape.tied:
                self.next_word.weight = self.embedding.weight
        if shape.outputs:
            self.output = nn.Linear(shape.width, shape.outputs)

    def states(self, ids: Tensor, lengths: Tensor, bptt: int | None = None) -> Tensor:
        """The states of the last layer; gradients go back at most `bptt` steps, from blocks of so many.

        Shapes: ids (n, longest), lengths (n,) → (n, longest, width); what is behind a text is 0 or nothing
        that may be used."""
        return self.read(self.embedding(ids), lengths, bptt)

    def read(self, inputs: Tensor, lengths: Tensor, bptt: int | None = None) -> Tensor:
        """The same of vectors that go in. Shapes: (n, longest, embedding) → (n, longest, width)."""
        if self.shape.bidirectional:
            packed = pack_padded_sequence(inputs, lengths.cpu(), batch_first=True, enforce_sorted=False)
            both, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True, total_length=inputs.shape[1])
            return both
        if bptt is None:
            found: Tensor = self.rnn(inputs)[0]
            return found
        parts, state = [], None
        for part in torch.split(inputs, bptt, dim=1):
            states, state = self.rnn(part, state)
            state = _detached(state)
            parts.append(states)
        return torch.cat(parts, dim=1)

    def known(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Which steps are pooled: words that are known, within the text. Shape: (n, longest)."""
        steps = torch.arange(ids.shape[1], device=ids.device)
        return (ids >= self.shape.ordinary) & (steps < lengths[:, None])

    def pooled(self, states: Tensor, ids: Tensor, lengths: Tensor) -> Tensor:
        """One row for each text, before the projection. Shapes: (n, longest, width) → (n, width).

        mean, max, attention: over the words that are known · last: the state at the end, in each direction
        at its own. A text without a known word has zeros, or with `last` what was read."""
        known = self.known(ids, lengths)
        if self.shape.pooling == "last":
            return self._last(states, lengths)
        if self.shape.pooling == "max":
            lowest = states.masked_fill(~known[:, :, None], -torch.inf).max(dim=1).values
            return torch.where(known.any(dim=1, keepdim=True), lowest, torch.zeros_like(lowest))
        return (self.weights(states, known)[:, :, None] * states).sum(dim=1)

    def weights(self, states: Tensor, known: Tensor) -> Tensor:
        """How much each step counts in the pooled one: alike, or by attention. Shape: (n, longest)."""
        if self.shape.pooling == "mean":
            counted = known.to(states.dtype)
            return counted / counted.sum(dim=1, keepdim=True).clamp(min=1)
        scores: Tensor = self.scores(states)[:, :, 0].masked_fill(~known, -torch.inf)
        rising = (scores - scores.max(dim=1, keepdim=True).values.clamp(min=-1e30)).exp()
        return rising / rising.sum(dim=1, keepdim=True).clamp(min=1e-30)

    def vectors(self, ids: Tensor, lengths: Tensor, bptt: int | None = None) -> Tensor:
        """The vector of each text, of any length. Shapes: (n, longest), (n,) → (n, dims)."""
        return self.projected(self.pooled(self.states(ids, lengths, bptt), ids, lengths))

    def projected(self, states: Tensor) -> Tensor:
        """What a pooled state, or a state, is mapped to."""
        if self.shape.projection is None:
            return states
        found: Tensor = self.projection(states)
        return found

    def _last(self, states: Tensor, lengths: Tensor) -> Tensor:
        ends = states[torch.arange(len(states), device=states.device), lengths - 1]
        if not self.shape.bidirectional:
            return ends
        return torch.cat([ends[:, : self.shape.hidden], states[:, 0, self.shape.hidden :]], dim=1)


def _rnn(shape: Architecture) -> nn.Module:
    sizes = {
        "input_size": shape.embedding,
        "hidden_size": shape.hidden,
        "num_layers": shape.layers,
        "bidirectional": shape.bidirectional,
        "batch_first": True,
    }
    made: nn.RNNBase
    if shape.cell == "vanilla":
        made = nn.RNN(nonlinearity=shape.activation, **sizes)
    else:
        made = {"lstm": nn.LSTM, "gru": nn.GRU}[shape.cell](**sizes)
    if shape.cell != "gru":  # whose two biases are of different places; of the others they would be one twice
        for name, each in made.named_parameters():
            if name.startswith("bias_hh"):
                each.requires_grad = False
    return made


def _detached(state: State) -> State:
    return tuple(each.detach() for each in state) if isinstance(state, tuple) else state.detach()
