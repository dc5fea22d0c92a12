"""The network in torch: its gradients, its first weights, how far back it feels."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from indexer.pretraining.rnn import RnnTrainingOptions
from indexer.pretraining.rnn.gradients import gradients_by_distance
from indexer.pretraining.rnn.initialising import NORMAL, SMALL, initialise
from indexer.pretraining.rnn.model import GATES, Architecture, Recurrent
from tests.indexer.encoders.rnn.network import architecture

CELLS = ["vanilla", "lstm", "gru"]


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def made(shape: Architecture, **options) -> Recurrent:
    """A network with the first weights of these options."""
    model = Recurrent(shape)
    initialise(model, RnnTrainingOptions(cell=shape.cell, **options))
    return model


def batch(*lengths: int):
    torch.manual_seed(3)
    ids = torch.randint(4, 84, (len(lengths), max(lengths)))
    return ids, torch.tensor(lengths)


@pytest.mark.parametrize("pooling", ["mean", "last", "max", "attention"])
@pytest.mark.parametrize("cell", CELLS)
def test_gradients_through_time_equal_finite_differences(cell, pooling):
    shape = architecture(
        cell=cell,
        pooling=pooling,
        bidirectional=True,
        vocabulary=9,
        embedding=2,
        hidden=2,
        projection=2,
        outputs=2,
    )
    model = made(shape, recurrent_init="xavier", bias_init="normal").double()
    ids, lengths = batch(4, 2, 5)
    ids %= 9
    weights = [each for each in model.parameters() if each.requires_grad]

    def losses(*given):
        states = model.states(ids, lengths)
        pooled = model.pooled(states, ids, lengths)
        return model.projected(pooled).square().sum() + cross_entropy(model.output(states[:, 0]), lengths % 2)

    assert torch.autograd.gradcheck(losses, tuple(weights), eps=1e-6, atol=1e-7)


def test_padding_and_the_order_of_a_batch_change_nothing():
    for cell in CELLS:
        for both in (False, True):
            model = made(architecture(cell=cell, bidirectional=both, layers=2))
            ids, lengths = batch(9, 1, 4)
            together = model.vectors(ids, lengths)
            backwards = model.vectors(ids.flip(0), lengths.flip(0)).flip(0)
            for row, length in enumerate(lengths.tolist()):
                alone = model.vectors(ids[row : row + 1, :length], lengths[row : row + 1])[0]
                torch.testing.assert_close(together[row], alone, rtol=0, atol=1e-6)
                torch.testing.assert_close(backwards[row], alone, rtol=0, atol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_truncated_gradients_go_back_to_where_their_block_begins(cell):
    model = made(architecture(cell=cell, pooling="last"))
    inputs = torch.randn(1, 12, 6, requires_grad=True)
    length = torch.tensor([12])
    whole, cut = model.read(inputs, length), model.read(inputs, length, bptt=5)
    torch.testing.assert_close(whole, cut)  # forwards nothing is cut

    def felt(states):
        [found] = torch.autograd.grad(states[0, -1].sum(), inputs, retain_graph=True)
        return (found[0].norm(dim=1) > 0).tolist()

    assert felt(whole) == [True] * 12
    assert felt(cut) == [False] * 10 + [True] * 2  # 5 and 5, then the two of the last block


def blocks(model: Recurrent, name: str):
    """The matrices of each gate, of all layers and directions."""
    for each, weight in model.rnn.named_parameters():
        if each.startswith(name):
            yield from weight.detach().chunk(GATES[model.shape.cell])


@pytest.mark.parametrize("cell", CELLS)
def test_first_weights_have_the_variance_or_the_orthogonality_of_their_name(cell):
    shape = architecture(cell=cell, embedding=300, hidden=200, layers=2, bidirectional=True, outputs=150)
    for name, variance in (
        ("xavier", lambda fan_in, fan_out: 2 / (fan_in + fan_out)),
        ("he", lambda fan_in, _: 2 / fan_in),
        ("normal", lambda *_: NORMAL**2),
    ):
        options = {} if name == "normal" else {"recurrent_init": name, "output_init": name}
        model = made(shape, input_init=name, **options)
        found = [*blocks(model, "weight_ih")]
        found += [] if name == "normal" else [*blocks(model, "weight_hh"), model.output.weight.detach()]
        for each in found:
            out, into = each.shape
            # The deviation of a variance of n numbers is √(2/n) of it.
            assert each.var().item() == pytest.approx(variance(into, out), rel=5 * (2 / each.numel()) ** 0.5)
            assert abs(each.mean().item()) < 5 * (each.var().item() / each.numel()) ** 0.5
    for each in blocks(made(shape), "weight_hh"):
        torch.testing.assert_close(each @ each.T, torch.eye(200), rtol=0, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_first_biases_are_nothing_but_for_the_gate_that_keeps(cell):
    shape = architecture(cell=cell, hidden=50, outputs=3)
    kept = {"lstm": 1, "gru": 1}.get(cell)  # i, f, g, o and r, z, n
    for number, each in enumerate(blocks(made(shape, gate_bias=2.5), "bias_ih")):
        assert each.tolist() == [2.5 if number == kept else 0.0] * 50
    for each in blocks(made(shape), "bias_hh"):
        assert not each.any()
    small = [
        each
        for number, each in enumerate(blocks(made(shape, bias_init="normal"), "bias_ih"))
        if number != kept
    ]
    assert torch.cat(small).std().item() == pytest.approx(SMALL, rel=0.5)
    model = made(shape)
    trained = model.rnn.bias_hh_l0.requires_grad
    assert trained == (cell == "gru")  # of the others a second bias would be the first one twice


def test_the_same_seed_gives_the_same_weights_and_a_tied_layer_is_one():
    shape = architecture(embedding=8, hidden=8, speaks=True, tied=True)
    options = {"objective": "language", "embedding": 8, "hidden": 8, "tied": True}
    one, same, other = (made(shape, seed=seed, **options) for seed in (1, 1, 2))
    for (name, first), second in zip(one.named_parameters(), same.parameters(), strict=True):
        assert torch.equal(first, second), name
    assert not torch.equal(one.embedding.weight, other.embedding.weight)
    assert one.next_word.weight is one.embedding.weight


def recall(model: Recurrent, steps: int) -> float:
    """The loss after some steps of telling at the end which of 8 words came first, 60 words ago."""
    rng = np.random.default_rng(0)
    optimiser = torch.optim.Adam([each for each in model.parameters() if each.requires_grad], 5e-3)
    for _ in range(steps):
        firsts = rng.integers(8, size=32)
        ids = rng.integers(12, 20, size=(32, 60))
        ids[:, 0] = 4 + firsts
        given, lengths = torch.from_numpy(ids), torch.full((32,), 60)
        pooled = model.pooled(model.states(given, lengths), given, lengths)
        loss = cross_entropy(model.output(pooled), torch.from_numpy(firsts))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    return float(loss.detach())


def test_a_vanilla_cell_forgets_faster_than_an_lstm_where_the_beginning_counts():
    shape = architecture(vocabulary=20, embedding=8, hidden=24, pooling="last", outputs=8)
    rng = np.random.default_rng(1)
    rows = [[4 + number % 8, *rng.integers(12, 20, size=59).tolist()] for number in range(16)]

    def far(model: Recurrent) -> float:
        """How much of the gradient is left 40 steps back."""
        norms = gradients_by_distance(model, rows, 2)
        assert len(norms) == 60
        return norms[40] / norms[0]

    for seed in (1, 2, 3):
        vanilla = made(replace(shape, cell="vanilla"), seed=seed)
        lstm = made(replace(shape, cell="lstm"), seed=seed)
        assert far(vanilla) < 0.1 * far(lstm)
    keeping = made(replace(shape, cell="lstm"), seed=1, gate_bias=3.0)
    losses = recall(vanilla, 60), recall(keeping, 60)
    assert losses[1] < 1.8 < 2.0 < losses[0]  # chance is log 8 = 2.08
    assert far(vanilla) < 0.1 * far(keeping)


def test_exploding_gradients_are_seen():
    model = made(architecture(cell="vanilla", activation="relu", hidden=24))
    with torch.no_grad():
        for each in blocks(model, "weight_hh"):
            each.mul_(1.5)
    rng = np.random.default_rng(1)
    rows = [rng.integers(4, 80, size=30).tolist() for _ in range(8)]
    norms = gradients_by_distance(model, rows, 2)
    assert norms[20] > 10 * norms[0]
