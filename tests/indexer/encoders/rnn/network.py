"""A network in numpy, formula by formula, and folders of small ones with random weights."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file

from indexer.pretraining.rnn.folder import Outputs, write_folder
from indexer.pretraining.rnn.model import Architecture, Recurrent
from indexer.pretraining.rnn.words import SPECIALS, Words
from tests.indexer.encoders.corpora import CATS, SHIPS

Array = NDArray[np.float64]
TERMS = [*SPECIALS, *CATS, *SHIPS]
BEGIN, UNKNOWN, ORDINARY = 2, 1, 4
LABELS = ["O", "animal", "ship"]


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def step(
    cell: str, activation: str, x: Array, h: Array, c: Array, w: Mapping[str, Array]
) -> tuple[Array, Array]:
    """One step of one cell: the new h, and the new c of an LSTM."""
    match cell:
        case "vanilla":
            z = w["hh"] @ h + w["ih"] @ x + w["bias_ih"]
            return (np.tanh(z) if activation == "tanh" else np.maximum(z, 0)), c
        case "lstm":
            i, f, g, o = np.split(w["ih"] @ x + w["bias_ih"] + w["hh"] @ h, 4)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            return sigmoid(o) * np.tanh(c), c
        case _:
            r_x, z_x, n_x = np.split(w["ih"] @ x + w["bias_ih"], 3)
            r_h, z_h, n_h = np.split(w["hh"] @ h + w["bias_hh"], 3)
            r, z = sigmoid(r_x + r_h), sigmoid(z_x + z_h)
            n = np.tanh(n_x + r * n_h)
            return (1 - z) * n + z * h, c


def layers_by_hand(folder: Path, shape: Architecture, ids: Sequence[int]) -> list[Array]:
    """What goes into the first layer, then the states of each. Shapes: (length, ·)."""
    weights = {
        name: each.astype(np.float64) for name, each in load_file(folder / "model.safetensors").items()
    }
    found = [weights["embedding.weight"][list(ids)]]
    for layer in range(shape.layers):
        ends = [""] + (["_reverse"] if shape.bidirectional else [])
        both = []
        for end in ends:
            names = {"ih": "weight_ih", "hh": "weight_hh", "bias_ih": "bias_ih", "bias_hh": "bias_hh"}
            w = {short: weights[f"rnn.{name}_l{layer}{end}"] for short, name in names.items()}
            inputs = found[-1][::-1] if end else found[-1]
            h, c, states = np.zeros(shape.hidden), np.zeros(shape.hidden), []
            for x in inputs:
                h, c = step(shape.cell, shape.activation, x, h, c, w)
                states.append(h)
            both.append(np.array(states[::-1] if end else states))
        found.append(np.concatenate(both, axis=1))
    return found


def pooled_by_hand(
    folder: Path, shape: Architecture, ids: Sequence[int], states: Array
) -> tuple[Array, Array]:
    """The row of a text, and what each step counts in it, 0 where it is no sum over steps."""
    weights = load_file(folder / "model.safetensors")
    known = np.array(ids) >= ORDINARY
    counts = np.zeros(len(ids))
    match shape.pooling:
        case "mean":
            counts[known] = 1 / known.sum()
        case "attention":
            scores = states @ weights["scores.weight"][0].astype(np.float64) + weights["scores.bias"][0]
            counts[known] = np.exp(scores[known]) / np.exp(scores[known]).sum()
        case "max":
            return states[known].max(axis=0), counts
        case _:
            return np.concatenate([states[-1, : shape.hidden], states[0, shape.hidden :]]), counts
    return counts @ states, counts


def linear_by_hand(folder: Path, layer: str, states: Array) -> Array:
    """W s + b of a layer that the folder has; else the same."""
    weights = load_file(folder / "model.safetensors")
    if f"{layer}.weight" not in weights:
        return states
    found: Array = states @ weights[f"{layer}.weight"].T.astype(np.float64) + weights[f"{layer}.bias"]
    return found


def architecture(**changed: Any) -> Architecture:
    """The shape of a small network that reads the words of `corpora.py`."""
    shape: dict[str, Any] = {
        "vocabulary": len(TERMS),
        "ordinary": ORDINARY,
        "cell": "gru",
        "activation": "tanh",
        "bidirectional": False,
        "layers": 1,
        "embedding": 6,
        "hidden": 8,
        "pooling": "mean",
        "projection": None,
        "tied": False,
        "outputs": 0,
        "speaks": False,
    }
    return Architecture(**{**shape, **changed})


def write_network(folder: Path, shape: Architecture, outputs: Outputs | None = None) -> Recurrent:
    """The folder of a network with random weights, the same at every call."""
    torch.manual_seed(7)
    model = Recurrent(shape)
    with torch.no_grad():
        for name, each in model.named_parameters():
            each.copy_(torch.randn_like(each) * 0.3)
            if shape.cell != "gru" and ".bias_hh" in name:
                each.zero_()
    words = Words(TERMS, TERMS, None)  # type: ignore[arg-type]  # which is not asked to analyse
    write_folder(folder, model, words, outputs or Outputs("contrastive", None, False, []))
    return model


Write = Callable[[Architecture], Path]
