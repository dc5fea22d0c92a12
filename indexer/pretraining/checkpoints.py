"""Where a training stands, kept in a folder, so that one that was ended goes on: safetensors and JSON.

state.json              which training it is of, the stage, the step, the losses so far
weights.safetensors     of the model · best.safetensors: those with the least held-out loss so far
moments.safetensors     of the optimiser: both moments of each weight"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from indexer.storage.files import make_folder, sync_file, write_file

SECONDS = 60.0
"""Between two checkpoints: so much work is lost at most."""

Tensors = Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class State:
    """Where a training stands: of its stage `step` steps are done, which read `n_pieces`; `since`: the losses
    of the steps that are in no curve yet; `curves`: what is told of each stage so far."""

    stage: str
    step: int
    n_pieces: int
    since: list[dict[str, float]]
    curves: dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A state with the weights that belong to it."""

    state: State
    weights: Tensors
    best: Tensors
    moments: Tensors


class Checkpoints:
    """The last checkpoint of one training.

    key: says all that the training depends on; a checkpoint of another one is none of this."""

    def __init__(self, folder: Path, key: str, seconds: float = SECONDS) -> None:
        self._folder = folder
        self._key = key
        self._seconds = seconds
        self._saved = monotonic()

    def load(self) -> Checkpoint | None:
        """The last one; None where there is none of this training, or a damaged one: it begins anew then."""
        if (found := self._read(self._folder)) is None:
            found = self._read(self._building)
            if found is not None:
                self._publish()
        return found

    @property
    def _building(self) -> Path:
        """Where the next one is written: whole when its state is there, though it may not be renamed yet."""
        return self._folder.with_suffix(".new")

    def _read(self, folder: Path) -> Checkpoint | None:
        try:
            said = json.loads((folder / "state.json").read_bytes())
            if said.pop("key") != self._key:
                return None
            parts = [load_file(folder / f"{name}.safetensors") for name in ("weights", "best", "moments")]
            return Checkpoint(State(**said), *parts)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, SafetensorError):
            return None

    @property
    def due(self) -> bool:
        """Whether it is time for another."""
        return monotonic() - self._saved >= self._seconds

    def save(self, checkpoint: Checkpoint) -> None:
        """Keeps this one in place of the last; whenever it is ended there is one of them, whole."""
        building = self._building
        shutil.rmtree(building, ignore_errors=True)
        make_folder(building)
        for name in ("weights", "best", "moments"):
            path = building / f"{name}.safetensors"
            save_file(dict(getattr(checkpoint, name)), path)
            sync_file(path)
        write_file(
            building / "state.json", [json.dumps({"key": self._key, **asdict(checkpoint.state)}).encode()]
        )
        self._publish()
        self._saved = monotonic()

    def _publish(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._building.rename(self._folder)

    def clear(self) -> None:
        """Takes it away."""
        for folder in (self._folder, self._building):
            shutil.rmtree(folder, ignore_errors=True)
