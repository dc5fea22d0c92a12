"""What the weights begin as, by name.

xavier: variance 2 / (in + out) · he: 2 / in · normal: 0.05² · orthogonal: R Rᵀ = 1, so that what goes round
neither grows nor dies. Each gate's block is a matrix of its own. Biases begin at 0, or at little random
numbers, but for that of the forget gate of an LSTM and of the update gate of a GRU: large, the state is kept.
Sources: Glorot and Bengio, 2010; He et al., 2015; Saxe et al., 2014; Jozefowicz et al., 2015."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from indexer.pretraining.rnn.model import GATES, Recurrent
from indexer.pretraining.rnn.options import Cell, RnnTrainingOptions

NORMAL = 0.05
SMALL = 0.01
"""Standard deviation of biases that are random."""
KEEPING: Mapping[Cell, int] = {"lstm": 1, "gru": 1}
"""Which gate keeps the former state: of i, f, g, o the second, of r, z, n too."""

INITIALISATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "xavier": nn.init.xavier_normal_,
    "he": lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="relu"),
    "normal": lambda weight: nn.init.normal_(weight, std=NORMAL),
    "orthogonal": nn.init.orthogonal_,
}


def initialise(model: Recurrent, options: RnnTrainingOptions) -> None:
    """Gives a network its first weights; the same seed gives the same."""
    torch.manual_seed(options.seed)
    INITIALISATIONS["xavier"](model.embedding.weight)
    for name, each in model.rnn.named_parameters():
        if name.startswith("weight_ih"):
            _blocks(each, options.cell, options.input_init)
        elif name.startswith("weight_hh"):
            _blocks(each, options.cell, options.recurrent_init)
        else:
            _bias(name, each, options)
    for layer in model.children():
        if isinstance(layer, nn.Linear):
            if layer.weight is not model.embedding.weight:
                INITIALISATIONS[options.output_init](layer.weight.data)
            _first_bias(layer.bias.data, options)


def _blocks(weight: Tensor, cell: Cell, name: str) -> None:
    for block in weight.data.chunk(GATES[cell]):
        INITIALISATIONS[name](block)


def _bias(name: str, bias: Tensor, options: RnnTrainingOptions) -> None:
    """Of one set of weights; of those that are added to another, the second begins, and may stay, at 0."""
    if name.startswith("bias_hh"):
        nn.init.zeros_(bias.data)
        return
    _first_bias(bias.data, options)
    if options.cell in KEEPING:
        bias.data.chunk(GATES[options.cell])[KEEPING[options.cell]].fill_(options.gate_bias)


def _first_bias(bias: Tensor, options: RnnTrainingOptions) -> None:
    if options.bias_init == "zero":
        nn.init.zeros_(bias)
    else:
        nn.init.normal_(bias, std=SMALL)
