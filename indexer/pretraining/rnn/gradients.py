"""How far back a network feels: the gradient of its last state by how long ago a word went in.

Source: Bengio, Simard and Frasconi, 1994, "Learning Long-Term Dependencies with Gradient Descent is
Difficult"; Pascanu, Mikolov and Bengio, 2013, "On the Difficulty of Training Recurrent Neural Networks"."""

from collections.abc import Sequence

import torch

from indexer.pretraining.rnn.batches import Row, batch_of
from indexer.pretraining.rnn.model import Recurrent

FARTHEST = 64
TEXTS = 32


def gradients_by_distance(model: Recurrent, rows: Sequence[Row], begin: int) -> list[float]:
    """‖∂‖h_T‖ / ∂x_{T−k}‖ for k = 0, 1, …: h_T is the last state of the last layer that was read forwards,
    x_{T−k} the vector of the word k steps before; the mean over the longest texts.

    What falls to 0 with k is forgotten, and cannot be learned; what rises explodes."""
    longest = sorted(rows, key=len, reverse=True)[:TEXTS]
    n_steps = min(FARTHEST + 1, *(len(row) for row in longest))
    where = model.embedding.weight.device
    batch = batch_of([row[:n_steps] for row in longest], begin, where)
    inputs = model.embedding(batch.ids).detach().requires_grad_()
    last = model.read(inputs, batch.lengths)[:, -1, : model.shape.hidden]
    [found] = torch.autograd.grad(last.norm(dim=1).sum(), inputs)
    norms: list[float] = found.norm(dim=2).mean(dim=0)[1:].flip(0).tolist()
    return [float(f"{each:.4g}") for each in norms]
