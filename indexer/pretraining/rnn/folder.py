"""The folder of an RNN: what serving needs, and the weights to go on from.

config.json             the shape of the network, its input, what its outputs are called
terms.txt, forms.txt    the words, by number, and how each is mostly written; of pieces tokenizer.json
rnn.onnx                the network as a graph · model.safetensors: its weights by torch's names"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from indexer.errors import BadFileError
from indexer.pretraining.agreement import Inputs, check_graph
from indexer.pretraining.rnn.graph import write_graph
from indexer.pretraining.rnn.model import Architecture, Recurrent
from indexer.pretraining.rnn.words import Lexis
from indexer.pretraining.weights import WEIGHTS, check_weights
from indexer.storage.files import make_folder, sync_file, write_file

FORMAT = 1
CONFIG, GRAPH = "config.json", "rnn.onnx"
TOLERANCE = 1e-5
"""How far an answer of the graph may be from one of the network, as a share of the largest."""
HEADS = ("next_word.", "output.")
"""Layers that may begin anew where the others go on."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the output layer of an objective says: of each word or of a text; `names`: of classes, none where
    it is a number."""

    objective: str
    field: str | None
    each_word: bool
    names: list[str]


def write_folder(folder: Path, model: Recurrent, lexis: Lexis, outputs: Outputs) -> float:
    """Writes all of it, and gives the largest difference between graph and network.

    Raises: BadFileError where the graph does not answer as the network does."""
    make_folder(folder)
    lexis.save(folder)
    save_file({name: each.contiguous() for name, each in _weights(model).items()}, folder / WEIGHTS)
    sync_file(folder / WEIGHTS)
    write_file(folder / GRAPH, [write_graph(model, each_step=outputs.each_word)])
    numbers = {"unknown": lexis.unknown, "begin": lexis.begin, "end": lexis.end}
    said = {"format": FORMAT, **asdict(model.shape), **numbers, **asdict(outputs)}
    write_file(folder / CONFIG, [json.dumps(said, ensure_ascii=False, indent=2).encode() + b"\n"])
    asked = _Asked(model, each_word=outputs.each_word)
    return check_graph(folder / GRAPH, asked, asked.outputs, _examples(model), TOLERANCE)


def read_network(folder: Path, shape: Mapping[str, Any]) -> Recurrent:
    """The network of a folder, with what `shape` says otherwise; layers that it has not are new.

    Raises: BadFileError where it is none, or its weights do not fit."""
    known = {each.name for each in fields(Architecture)}
    try:
        said = json.loads((folder / CONFIG).read_bytes())
        if said["format"] != FORMAT:
            raise BadFileError(
                f"{folder / CONFIG}: format {FORMAT} was wanted, found {said['format']!r:.20}."
            )
        model = Recurrent(Architecture(**{**{name: said[name] for name in known}, **shape}))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise BadFileError(f"{folder / CONFIG}: the folder of an RNN was wanted ({error!r:.200}).") from None
    check_weights(folder)
    weights = load_file(folder / WEIGHTS)
    own = _weights(model)
    wrong = [
        name
        for name, each in own.items()
        if not name.startswith(HEADS) and (name not in weights or weights[name].shape != each.shape)
    ]
    if wrong:
        raise BadFileError(
            f"{folder / WEIGHTS} does not fit {CONFIG} and its vocabulary: missing or of another shape: "
            f"{', '.join(wrong[:5])}."
        )
    fitting = {name for name, each in own.items() if name in weights and weights[name].shape == each.shape}
    model.load_state_dict({name: weights[name] for name in fitting}, strict=False)
    return model


def _weights(model: Recurrent) -> dict[str, Tensor]:
    """Those of the model by name, one that is at two places once."""
    return {name: each.detach() for name, each in model.named_parameters()}


class _Asked(nn.Module):
    """A network that is asked as its graph is; what is behind a text is 0, as there."""

    def __init__(self, model: Recurrent, *, each_word: bool) -> None:
        super().__init__()
        self._model, self._each_word = model, each_word
        shape = model.shape
        self.outputs = [f"hidden_states.{shape.layers}", "tokens", "vector"]
        self.outputs += ["next_logits"] if shape.speaks else []
        self.outputs += ["output"] if shape.outputs else []

    def forward(self, ids: Tensor, lengths: Tensor, state: Tensor) -> tuple[Tensor, ...]:
        """The outputs; a state to begin with is not looked at."""
        del state
        model, wide = self._model, lengths.long()
        inside = torch.arange(ids.shape[1]) < wide[:, None]
        states = model.states(ids, wide) * inside[:, :, None]
        pooled = model.pooled(states, ids, wide)
        found = [states, model.projected(states), model.projected(pooled)]
        if model.shape.speaks:
            found.append(model.next_word(states[torch.arange(len(ids)), wide - 1]))
        if model.shape.outputs:
            found.append(model.output(states if self._each_word else pooled))
        return tuple(found)


def _examples(model: Recurrent) -> Iterator[Inputs]:
    """Random texts of several lengths, alone and with others; a word in ten is special."""
    rng = np.random.default_rng(0)
    shape = model.shape
    n_states = shape.layers * (2 if shape.bidirectional else 1) * (2 if shape.cell == "lstm" else 1)
    for n, longest in ((1, 1), (1, 2), (1, 17), (4, 33), (3, 130)):
        ids = rng.integers(shape.ordinary, shape.vocabulary, size=(n, longest))
        ids[rng.random(ids.shape) < 0.1] = 1
        lengths = np.maximum(1, np.linspace(longest, 1, n).astype(np.int32))
        yield {"ids": ids, "lengths": lengths, "state": np.zeros((n_states, n, shape.hidden), np.float32)}
