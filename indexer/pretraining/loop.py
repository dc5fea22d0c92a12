"""The steps of a training: an optimiser, a rate that rises and falls, held-out losses, checkpoints, an early
end.

Source: Loshchilov and Hutter, 2019, "Decoupled Weight Decay Regularization"; the rate rises in a line over
the first tenth of the steps and falls in a line to 0, as in Devlin et al., 2019, or along a cosine, as in
Loshchilov and Hutter, 2017."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import cos, isfinite, pi
from typing import Any, Literal

import torch
from torch import Tensor, nn

from indexer.errors import InputError
from indexer.pretraining.checkpoints import Checkpoint, Checkpoints, State
from indexer.pretraining.memory import give_back
from indexer.pretraining.objectives import Objective
from indexer.types import Progress

WARM_UP = 0.1
DECAY = 0.01
BETAS = (0.9, 0.999)
MOMENTUM = 0.9
STEPS_BETWEEN_TRIMS = 10
LOOKS = 20
"""How often the held-out losses are measured."""

GRADIENT = "gradient"

Optimiser = Literal["adamw", "adam", "rmsprop", "sgd"]
Schedule = Literal["linear", "cosine", "constant"]

OPTIMISERS: Mapping[Optimiser, Callable[[Iterable[dict[str, Any]], float], torch.optim.Optimizer]] = {
    "adamw": lambda groups, rate: torch.optim.AdamW(groups, lr=rate, betas=BETAS),
    "adam": lambda groups, rate: torch.optim.Adam(_without_decay(groups), lr=rate, betas=BETAS),
    "rmsprop": lambda groups, rate: torch.optim.RMSprop(_without_decay(groups), lr=rate),
    "sgd": lambda groups, rate: torch.optim.SGD(_without_decay(groups), lr=rate, momentum=MOMENTUM),
}
"""Of these `adamw` alone lets matrices decay."""

Curve = list[dict[str, Any]]
"""At each look: `step`, `pieces` read, the mean losses since the last, the mean length of the `gradient`
before it was cut, and `held_out` with the losses held out."""

Curves = dict[str, Curve]
"""Of each stage, in their order."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast: walks over the examples, the highest rate, the seed of what is dropped out, and
    after how many looks without a gain it ends. `clip`: the length that a longer gradient is cut to."""

    epochs: int
    rate: float
    seed: int
    patience: int
    optimiser: Optimiser = "adamw"
    schedule: Schedule = "linear"
    clip: float = 1.0


@dataclass(frozen=True, slots=True)
class Walk:
    """What a training did: its losses, the pieces that it read, and whether it ended early."""

    curve: Curve
    n_pieces: int
    ended_early: bool


def train(
    objective: Objective, plan: Plan, curves: Curves, checkpoints: Checkpoints, progress: Progress
) -> Walk:
    """Trains to the end, from the last checkpoint on where there is one; the weights are those with the least
    held-out loss, the curve is added to `curves`. With the same threads the same weights come out, however
    often it was ended between.

    Raises: what `progress` raises to stop; a checkpoint is kept then."""
    run = _Run(objective, plan, curves, checkpoints, progress)
    try:
        while not run.ended:
            run.take_step()
    except BaseException:
        if run.whole:
            run.keep()
        raise
    return run.result()


class _Run:
    """One training under way. `whole`: no step is under way, so that the weights belong to the step."""

    def __init__(
        self, objective: Objective, plan: Plan, curves: Curves, checkpoints: Checkpoints, progress: Progress
    ) -> None:
        self._objective, self._plan, self._progress = objective, plan, progress
        self._checkpoints = checkpoints
        self._weights = dict(objective.model.named_parameters())
        self._steps = plan.epochs * objective.steps_per_epoch
        self._every = max(1, self._steps // LOOKS)
        self._optimiser = OPTIMISERS[plan.optimiser](_groups(objective.model), plan.rate)
        self._step, self._pieces = 0, 0
        self._since: list[dict[str, float]] = []
        self._best = _copied(self._weights)
        self._curves = curves
        if (found := checkpoints.load()) is not None:
            self._take_up(found)
        self._curve = curves.setdefault(objective.name, [])
        self.whole = True
        objective.model.train(True)

    def _take_up(self, found: Checkpoint) -> None:
        """Goes on from a checkpoint: within this stage, or behind it where a later one had begun."""
        name, state = self._objective.name, found.state
        if name not in state.curves:
            return
        self._curves.update(state.curves)
        _put(found.weights, self._weights)
        if state.stage != name:
            self._best = _copied(self._weights)
            self._step = self._steps
            self._pieces = state.curves[name][-1]["pieces"]
            return
        self._best = {key: value.clone() for key, value in found.best.items()}
        self._step, self._pieces, self._since = state.step, state.n_pieces, state.since
        for key, value in found.moments.items():
            weight, moment = key.rsplit(":", 1)
            self._optimiser.state[self._weights[weight]][moment] = value.to(self._place(moment))

    def _place(self, moment: str) -> torch.device:
        """The number of steps stays on the processor, as the optimiser wants it."""
        return torch.device("cpu") if moment == "step" else next(iter(self._weights.values())).device

    @property
    def ended(self) -> bool:
        """Whether all steps are done, or the held-out losses have ceased to fall."""
        return self._step >= self._steps or self._early

    @property
    def _early(self) -> bool:
        losses = [_total(each["held_out"]) for each in self._curve]
        return bool(losses) and len(losses) - 1 - losses.index(min(losses)) >= self._plan.patience

    def take_step(self) -> None:
        """One step; at times a look at the held-out losses, and a checkpoint."""
        self.whole = False
        torch.manual_seed(self._plan.seed * 1_000_003 + self._step)  # what is dropped out, wherever it began
        for group in self._optimiser.param_groups:
            group["lr"] = self._plan.rate * schedule(self._step, self._steps, self._plan.schedule)
        taken = self._objective.step(self._step)
        losses = {name: float(each.detach()) for name, each in taken.losses.items()}
        self._check(losses)
        torch.stack(list(taken.losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        length = nn.utils.clip_grad_norm_(self._weights.values(), self._plan.clip)
        self._check({GRADIENT: float(length)})
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)
        self._step += 1
        self._pieces += taken.n_pieces
        self._since.append({**losses, GRADIENT: float(length)})
        if self._step % self._every == 0 or self._step == self._steps:
            self._look()
        self.whole = True
        if self._step % STEPS_BETWEEN_TRIMS == 0:
            give_back()
        if self._checkpoints.due:
            self.keep()
        expected = self._pieces * self._steps // self._step  # batches are not all of one size
        self._progress(f"train {self._objective.name}", self._pieces, expected, _total(losses))

    def _check(self, losses: Mapping[str, float]) -> None:
        """Raises InputError where one is not finite; what the step would have spoiled is kept nowhere."""
        for name, each in losses.items():
            if not isfinite(each):
                what = "gradient" if name == GRADIENT else f"loss `{name}`"
                raise InputError(
                    f"The {what} is not finite at step {self._step + 1:,} of {self._steps:,} of "
                    f"`{self._objective.name}`; nothing was kept, what served before serves on: take a lower "
                    "rate.",
                    code="diverged",
                )

    def _look(self) -> None:
        """Notes the losses since the last look and those held out; keeps the best weights."""
        self._objective.model.train(False)
        with torch.no_grad():
            held_out = self._objective.held_out()
        self._objective.model.train(True)
        self._check(held_out)
        if _total(held_out) < min((_total(each["held_out"]) for each in self._curve), default=float("inf")):
            self._best = _copied(self._weights)
        means = {name: sum(each[name] for each in self._since) / len(self._since) for name in self._since[0]}
        self._curve.append({"step": self._step, "pieces": self._pieces, **means, "held_out": held_out})
        self._since = []

    def keep(self) -> None:
        """Keeps a checkpoint."""
        state = State(self._objective.name, self._step, self._pieces, self._since, self._curves)
        self._checkpoints.save(Checkpoint(state, _copied(self._weights), self._best, self._moments()))

    def _moments(self) -> dict[str, Tensor]:
        """What the optimiser remembers, each by the name of its weight."""
        return {
            f"{name}:{moment}": value.detach().cpu()
            for name, weight in self._weights.items()
            for moment, value in self._optimiser.state[weight].items()
        }

    def result(self) -> Walk:
        """What was done; the model has its best weights."""
        _put(self._best, self._weights)
        self._objective.model.train(False)
        return Walk(self._curve, self._pieces, self._curve[-1]["step"] < self._steps)


def schedule(step: int, steps: int, kind: Schedule = "linear") -> float:
    """The share of the highest rate at a step: it rises to 1 over a tenth of the steps; then it falls to 0 in
    a line or as a cosine, or stays."""
    rising = max(1, round(WARM_UP * steps))
    left = (steps - step) / max(1, steps - rising + 1)
    falling = {"linear": left, "cosine": (1 - cos(pi * min(1.0, left))) / 2, "constant": 1.0}[kind]
    return min((step + 1) / rising, falling)


def _groups(model: nn.Module) -> list[dict[str, Any]]:
    """The weights for the optimiser: matrices decay, biases and norms do not."""
    weights = list(model.parameters())
    return [
        {"params": [each for each in weights if each.ndim > 1], "weight_decay": DECAY},
        {"params": [each for each in weights if each.ndim <= 1], "weight_decay": 0.0},
    ]


def _without_decay(groups: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"params": each["params"]} for each in groups]


def _copied(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: each.detach().cpu().clone() for name, each in weights.items()}


def _put(found: Mapping[str, Tensor], weights: Mapping[str, Tensor]) -> None:
    with torch.no_grad():
        for name, each in weights.items():
            each.copy_(found[name])


def _total(losses: Mapping[str, float]) -> float:
    return sum(losses.values())
