"""An autoencoder of vectors, whole: vectors in, the layers of its encoder and decoder out.

Both are stacks of two fully connected layers, with max(·, 0) between them: dims → hidden → code and back. The
loss is the mean over vectors of |x − x̂|².
Source: Hinton and Salakhutdinov, 2006, "Reducing the Dimensionality of Data with Neural Networks"."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from indexer.pretraining.checkpoints import Checkpoints
from indexer.pretraining.device import device
from indexer.pretraining.loop import Curves, Plan, train
from indexer.pretraining.objectives import Step, tensor
from indexer.pretraining.options import AutoencoderOptions
from indexer.pretraining.order import Order
from indexer.types import Progress, Vectors

NAME = "autoencoder"
HELD_OUT_LOOKED_AT = 2_048


@dataclass(frozen=True, slots=True)
class Stacks:
    """The layers of both stacks, each (weights (n_in, n_out), bias (n_out,)); and what is told of them."""

    encoder: Sequence[tuple[Vectors, Vectors]]
    decoder: Sequence[tuple[Vectors, Vectors]]
    curves: Mapping[str, Any]
    ended_early: bool


def train_autoencoder(
    learned: Vectors,
    held_out: Vectors,
    code: int,
    options: AutoencoderOptions,
    checkpoints: Path,
    progress: Progress,
) -> Stacks:
    """The stacks, with codes of so many numbers, that lose least of the held-out vectors; a training that was
    ended goes on from its last checkpoint, where vectors and options are the same.

    Shapes: (n, dims), (m, dims). Raises: InputError (`diverged`), and what `progress` raises to stop."""
    torch.set_num_threads(options.workers)
    torch.manual_seed(options.seed)
    model = _Autoencoder(learned.shape[1], options.hidden, code)
    nn.Module.to(model, device())
    kept = Checkpoints(checkpoints, _key(learned, held_out, code, options))
    curves: Curves = {}
    plan = Plan(options.epochs, options.rate, options.seed, options.patience)
    walk = train(_Reconstruction(model, learned, held_out, options), plan, curves, kept, progress)
    kept.clear()
    return Stacks(_layers(model.encoder), _layers(model.decoder), curves, walk.ended_early)


class _Autoencoder(nn.Module):
    """Vectors to codes and back."""

    def __init__(self, dims: int, hidden: int, code: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(dims, hidden), nn.ReLU(), nn.Linear(hidden, code))
        self.decoder = nn.Sequential(nn.Linear(code, hidden), nn.ReLU(), nn.Linear(hidden, dims))

    def forward(self, vectors: Tensor) -> Tensor:
        found: Tensor = self.decoder(self.encoder(vectors))
        return found


class _Reconstruction:
    """What vectors lose on their way through the code."""

    name = NAME

    def __init__(
        self, model: _Autoencoder, learned: Vectors, held_out: Vectors, options: AutoencoderOptions
    ) -> None:
        self.model = model
        self._learned = learned
        self._held_out = held_out[:HELD_OUT_LOOKED_AT]
        self._order = Order(np.ones(len(learned), np.int64), options.batch, options.seed)
        self._device = device()

    @property
    def steps_per_epoch(self) -> int:
        """So many steps read each vector once."""
        return self._order.steps_per_epoch

    def step(self, step: int) -> Step:
        """The loss on the vectors of a step."""
        batch = self._learned[self._order.step(step)]
        return Step({"loss": self._loss(batch)}, len(batch))

    def held_out(self) -> Mapping[str, float]:
        """The loss on vectors that are not learned from."""
        return {"loss": float(self._loss(self._held_out))}

    def _loss(self, vectors: Vectors) -> Tensor:
        given = tensor(vectors, self._device)
        found: Tensor = (self.model(given) - given).square().sum(dim=1).mean()
        return found


def _layers(stack: nn.Sequential) -> list[tuple[Vectors, Vectors]]:
    linear = [each for each in stack if isinstance(each, nn.Linear)]
    return [(_array(each.weight.T), _array(each.bias)) for each in linear]


def _array(weights: Tensor) -> NDArray[np.float32]:
    return np.ascontiguousarray(weights.detach().cpu().numpy(), np.float32)


def _key(learned: Vectors, held_out: Vectors, code: int, options: AutoencoderOptions) -> str:
    """sha256 over all that the weights depend on."""
    digest = hashlib.sha256(json.dumps([code, options.model_dump(), torch.__version__]).encode())
    for each in (learned, held_out):
        digest.update(np.ascontiguousarray(each).tobytes())
    return digest.hexdigest()
