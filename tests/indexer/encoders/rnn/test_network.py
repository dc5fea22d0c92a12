"""The served network is its formula: every cell, direction, pooling and batch, against numpy, to 1e-5."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from indexer.encoders.rnn.folder import read_config
from indexer.encoders.rnn.network import Network
from indexer.pretraining.rnn.folder import Outputs
from tests.indexer.encoders.rnn.network import (
    BEGIN,
    LABELS,
    TERMS,
    UNKNOWN,
    architecture,
    layers_by_hand,
    linear_by_hand,
    pooled_by_hand,
    write_network,
)

CELLS = [("vanilla", "tanh"), ("vanilla", "relu"), ("lstm", "tanh"), ("gru", "tanh")]
POOLINGS = ["mean", "last", "max", "attention"]
SHAPES = [
    architecture(
        cell=cell,
        activation=activation,
        bidirectional=both,
        pooling=pooling,
        layers=2 if both else 1,
        projection=5 if pooling in ("mean", "last") else None,
    )
    for (cell, activation), both, pooling in product(CELLS, [False, True], POOLINGS)
]


def texts(*lengths: int) -> list[list[int]]:
    """Texts of so many words, each behind what begins it, a word in five unknown."""
    rng = np.random.default_rng(3)
    found = []
    for length in lengths:
        ids = rng.integers(4, len(TERMS), size=length)
        ids[1::5] = UNKNOWN
        found.append([BEGIN, *ids.tolist()])
    return found


def opened(folder: Path) -> Network:
    return Network(folder, folder / "rnn.onnx", read_config(folder / "config.json"))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: f"{s.cell}-{s.activation}-{s.layers}-{s.pooling}")
def test_every_output_is_that_of_the_formula_alone_and_in_any_batch(shape, tmp_path: Path):
    write_network(tmp_path, shape)
    network = opened(tmp_path)
    given = texts(1, 2, 3, 17, 40, 9)
    names = [f"hidden_states.{layer}" for layer in range(shape.layers + 1)] + ["tokens", "vector"]
    names += ["weights"] if shape.pooling in ("mean", "attention") else []
    together = dict(network.read(given, names))
    backwards = dict(network.read(given[::-1], names))
    for place, ids in enumerate(given):
        layers = layers_by_hand(tmp_path, shape, ids)
        row, counts = pooled_by_hand(tmp_path, shape, ids, layers[-1])
        wanted = [
            *layers,
            linear_by_hand(tmp_path, "projection", layers[-1]),
            linear_by_hand(tmp_path, "projection", row),
            counts,
        ]
        [(_, alone)] = network.read([ids], names)
        for found in (alone, together[place], backwards[len(given) - 1 - place]):
            for name, one, other in zip(names, found, wanted, strict=False):
                np.testing.assert_allclose(one, other, rtol=0, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("cell", ["vanilla", "lstm", "gru"])
def test_a_text_read_in_two_parts_is_the_text_read_at_once(cell, tmp_path: Path):
    write_network(tmp_path, architecture(cell=cell, layers=2, speaks=True))
    network = opened(tmp_path)
    [ids] = texts(12)
    names = ["next_logits", "final_state"]
    whole = network.read_one(ids, names)
    _, state = network.read_one(ids[:5], names)
    for one, other in zip(whole, network.read_one(ids[5:], names, state), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-5)
    states = layers_by_hand(tmp_path, architecture(cell=cell, layers=2, speaks=True), ids)[-1]
    np.testing.assert_allclose(whole[0][0], linear_by_hand(tmp_path, "next_word", states[-1]), atol=1e-5)


@pytest.mark.parametrize("each_word", [False, True])
def test_the_output_layer_speaks_of_a_text_or_of_each_word(each_word, tmp_path: Path):
    shape = architecture(outputs=3)
    write_network(tmp_path, shape, Outputs("labelling", "kind", each_word, LABELS))
    network = opened(tmp_path)
    given = texts(4, 7)
    for place, [found] in network.read(given, ["output"]):
        states = layers_by_hand(tmp_path, shape, given[place])[-1]
        spoken_of = states if each_word else pooled_by_hand(tmp_path, shape, given[place], states)[0]
        np.testing.assert_allclose(found, linear_by_hand(tmp_path, "output", spoken_of), atol=1e-5)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_text_without_a_known_word_gives_finite_numbers(pooling, tmp_path: Path):
    write_network(tmp_path, architecture(pooling=pooling))
    network = opened(tmp_path)
    for ids in ([BEGIN], [BEGIN, UNKNOWN, UNKNOWN]):
        [vector] = network.read_one(ids, ["vector"])
        assert np.isfinite(vector).all()


def test_a_text_of_100_000_words_is_read(tmp_path: Path):
    write_network(tmp_path, architecture())
    [ids] = texts(100_000)
    [vector] = opened(tmp_path).read_one(ids, ["vector"])
    assert vector.shape == (1, 8)
    assert np.isfinite(vector).all()
