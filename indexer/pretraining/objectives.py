"""What a training makes smaller: the seam, and what all objectives share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

Losses = Mapping[str, Tensor]
"""Each by its name, a number; their sum is what a step makes smaller."""


@dataclass(frozen=True, slots=True)
class Step:
    """The losses of a step, and the pieces that were read for it."""

    losses: Losses
    n_pieces: int


class Objective(Protocol):
    """The losses of a model on its examples."""

    @property
    def name(self) -> str:
        """What this training is called."""

    @property
    def model(self) -> nn.Module:
        """Whose weights are trained."""

    @property
    def steps_per_epoch(self) -> int:
        """So many steps read each example once."""

    def step(self, step: int) -> Step:
        """The losses on the examples of a step, the same at each call."""

    def held_out(self) -> Mapping[str, float]:
        """The mean losses on examples that are not learned from, the same ones each time."""


def mean_losses(steps: list[Step]) -> Mapping[str, float]:
    """The mean of each loss over some steps."""
    return {
        name: float(torch.stack([each.losses[name].detach() for each in steps]).mean())
        for name in steps[0].losses
    }


def tensor(array: object, where: torch.device) -> Tensor:
    """An array where the model is."""
    return torch.as_tensor(array, device=where)
