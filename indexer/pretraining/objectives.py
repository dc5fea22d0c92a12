"""What a training makes smaller: the seam, and what all objectives share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

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


def in_batch_loss(questions: Tensor, texts: Tensor, temperature: float) -> Tensor:
    """The mean cross-entropy of the right text among all, and of the right question among all, in nats; the
    logits are cosines divided by the temperature. Shapes: (n, dims), of length 1.

    Source: van den Oord et al., 2018, "Representation Learning with Contrastive Predictive Coding" (InfoNCE),
    in both directions as in Radford et al., 2021."""
    cosines = questions @ texts.T / temperature
    right = torch.arange(len(cosines), device=cosines.device)
    return (cross_entropy(cosines, right) + cross_entropy(cosines.T, right)) / 2
