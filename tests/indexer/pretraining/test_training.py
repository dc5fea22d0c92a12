"""The losses, the steps of a training, and how it goes on after an end; a BERT of 2 layers of 32 numbers."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertForPreTraining

from indexer.errors import BadFileError, CanceledError, InputError
from indexer.pretraining import BertOptions
from indexer.pretraining.checkpoints import Checkpoints
from indexer.pretraining.contrastive import Contrastive, mean_pooled
from indexer.pretraining.language import LanguageModel, bert_losses
from indexer.pretraining.likeness import Likenesses
from indexer.pretraining.loop import Curves, Plan, schedule, train
from indexer.pretraining.masking import masked
from indexer.pretraining.model import load_model, new_bert, read_bert
from indexer.pretraining.next_sentence import NextSentences
from indexer.pretraining.objectives import in_batch_loss
from indexer.pretraining.padding import padded
from indexer.pretraining.pieces import read_pieces
from indexer.pretraining.vocabulary import learn_vocabulary
from indexer.types import no_progress
from tests.indexer.pretraining.texts import documents

TINY = BertOptions(layers=2, dims=32, heads=2, length=48, vocabulary=300)
VOCABULARY = learn_vocabulary((text for document in documents() for text in document), 300)
PIECES = read_pieces(documents(), 80, VOCABULARY, no_progress)
PLAN = Plan(epochs=2, rate=3e-3, seed=1, patience=20)


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def language(model: BertForPreTraining) -> LanguageModel:
    known, held_out = (NextSentences(part, 48) for part in PIECES.parted())
    return LanguageModel(model, known, held_out, VOCABULARY, batch=16, seed=1)


def contrastive(model: BertForPreTraining) -> Contrastive:
    known, held_out = (Likenesses(part, 48) for part in PIECES.parted())
    return Contrastive(model, known, held_out, VOCABULARY, batch=16, seed=1, temperature=0.05)


def weights(model):
    return {name: each.detach().clone() for name, each in model.named_parameters()}


def test_the_losses_are_those_of_transformers_though_computed_at_the_masked_pieces_alone():
    model = new_bert(TINY, VOCABULARY).train(False)
    rng = np.random.default_rng(1)
    rows = padded([(PIECES.span(i, i + 1), PIECES.span(i + 1, i + 2)) for i in range(1, 9)], VOCABULARY)
    guesses = masked(rows, VOCABULARY, rng)
    labels = np.array([0, 1] * 4)
    expected = torch.full(rows.ids.shape, -100)
    expected[guesses.rows, guesses.columns] = torch.from_numpy(guesses.targets)
    with torch.no_grad():
        ours = bert_losses(model, rows, guesses, labels)
        theirs = model(
            input_ids=torch.from_numpy(guesses.ids),
            attention_mask=torch.from_numpy(rows.attention),
            token_type_ids=torch.from_numpy(rows.types),
            labels=expected,
            next_sentence_label=torch.from_numpy(labels),
        )
    assert float(ours["mlm"] + ours["nsp"]) == pytest.approx(float(theirs.loss), abs=1e-6)


def test_the_loss_of_a_batch_worked_out_by_hand():
    one = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    # Each cosine with its own is 1, with the other 0; at temperature 1: −log(e / (e + 1)).
    assert float(in_batch_loss(one, one, 1.0)) == pytest.approx(np.log(1 + np.exp(-1)))
    hidden = torch.tensor([[[3.0, 0.0], [0.0, 3.0], [9.0, 9.0]]])
    pooled = mean_pooled(hidden, torch.tensor([[1, 1, 0]]))
    assert pooled.tolist() == [pytest.approx([0.5**0.5, 0.5**0.5])]


def test_the_rate_rises_over_a_tenth_of_the_steps_and_falls_to_nothing():
    rates = [schedule(step, 20) for step in range(20)]
    assert rates[:2] == [0.5, 1.0]
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert 0 < rates[-1] < 0.06


def test_both_stages_learn(tmp_path):
    model = new_bert(TINY, VOCABULARY)
    curves: Curves = {}
    kept = Checkpoints(tmp_path / "training", "key")
    walk = train(language(model), replace(PLAN, epochs=12), curves, kept, no_progress)
    first, last = walk.curve[0]["held_out"], walk.curve[-1]["held_out"]
    assert last["mlm"] < first["mlm"] - 0.5
    assert last["nsp"] < first["nsp"]
    train(contrastive(model), replace(PLAN, epochs=8), curves, kept, no_progress)
    assert list(curves) == ["bert", "contrastive"]
    first, last = (curves["contrastive"][place]["held_out"] for place in (0, -1))
    assert last["contrastive"] < first["contrastive"]
    assert last["mlm"] < curves["bert"][0]["held_out"]["mlm"]
    assert not (tmp_path / "training").exists()  # it took no minute


def canceling(after: int):
    """Progress that stops a training after so many steps."""
    told = 0

    def progress(phase: str, done: int, total: int | None, loss: float | None = None) -> None:
        nonlocal told
        told += 1
        if told == after:
            raise CanceledError("enough")

    return progress


def test_a_training_that_was_ended_in_each_stage_goes_on_to_the_same_weights(tmp_path):
    def trained(folder, after):
        model = new_bert(TINY, VOCABULARY)
        curves: Curves = {}
        kept, progress = Checkpoints(folder, "key"), canceling(after)
        for objective in (language(model), contrastive(model)):
            train(objective, PLAN, curves, kept, progress)
        return model, curves

    whole, told = trained(tmp_path / "whole", 0)
    ended = []
    for after in (7, 15):
        with pytest.raises(CanceledError):
            trained(tmp_path / "parts", after)
        found = Checkpoints(tmp_path / "parts", "key").load()
        assert found is not None
        ended.append((found.state.stage, found.state.step))
    steps = told["bert"][-1]["step"]
    assert ended == [("bert", 7), ("contrastive", 15 - (steps - 7))]
    resumed, told_again = trained(tmp_path / "parts", 0)
    assert told_again == told
    for name, each in weights(whole).items():
        assert torch.equal(each, weights(resumed)[name]), name


def test_a_checkpoint_of_another_training_or_a_damaged_one_is_not_gone_on_from(tmp_path):
    folder = tmp_path / "training"
    with pytest.raises(CanceledError):
        train(language(new_bert(TINY, VOCABULARY)), PLAN, {}, Checkpoints(folder, "key"), canceling(3))
    assert sorted(path.name for path in folder.iterdir()) == [
        "best.safetensors",
        "moments.safetensors",
        "state.json",
        "weights.safetensors",
    ]
    found = Checkpoints(folder, "key").load()
    assert found is not None
    assert (found.state.stage, found.state.step) == ("bert", 3)
    assert Checkpoints(folder, "another").load() is None
    for path in folder.iterdir():
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        assert Checkpoints(folder, "key").load() is None
        path.write_bytes(whole)
    folder.rename(folder.with_suffix(".new"))  # as it is between one checkpoint and the next
    kept = Checkpoints(folder, "key")
    assert kept.load() is not None
    kept.clear()
    assert list(tmp_path.iterdir()) == []


def test_checkpoints_are_kept_on_the_way(tmp_path):
    steps = []

    def progress(phase: str, done: int, total: int | None, loss: float | None = None) -> None:
        found = Checkpoints(tmp_path / "training", "key").load()
        assert found is not None
        steps.append(found.state.step)

    plan = replace(PLAN, epochs=1)
    train(
        language(new_bert(TINY, VOCABULARY)), plan, {}, Checkpoints(tmp_path / "training", "key", 0), progress
    )
    assert steps == list(range(1, len(steps) + 1))


def test_it_ends_early_with_the_best_weights_where_the_held_out_losses_rise(tmp_path):
    model = new_bert(TINY, VOCABULARY)
    objective = language(model)
    kept = Checkpoints(tmp_path / "training", "key")
    walk = train(objective, replace(PLAN, epochs=20, rate=0.1, patience=2), {}, kept, no_progress)
    losses = [sum(each["held_out"].values()) for each in walk.curve]
    assert walk.ended_early
    assert losses.index(min(losses)) == len(losses) - 3
    with torch.no_grad():
        assert sum(objective.held_out().values()) == pytest.approx(min(losses))


def test_losses_that_are_not_finite_end_it(tmp_path):
    model = new_bert(TINY, VOCABULARY)
    with torch.no_grad():
        next(iter(model.parameters())).fill_(float("nan"))
    with pytest.raises(InputError, match="lower rate"):
        train(language(model), PLAN, {}, Checkpoints(tmp_path / "training", "key"), no_progress)


def test_a_folder_that_is_not_sound_is_refused_by_name(tmp_path):
    folder = tmp_path / "model"
    new_bert(TINY, VOCABULARY).save_pretrained(folder)
    path = folder / "model.safetensors"
    whole, config = load_file(path), (folder / "config.json").read_text()
    assert read_bert(folder, VOCABULARY, 48).config.hidden_size == 32
    with pytest.raises(InputError, match="at most 48 pieces"):
        read_bert(folder, VOCABULARY, 64)

    def refused(match: str, **changed: torch.Tensor) -> None:
        save_file({**whole, **changed}, path, {"format": "pt"})
        with pytest.raises(BadFileError, match=match):
            read_bert(folder, VOCABULARY, 48)
        save_file(whole, path, {"format": "pt"})

    name = "bert.encoder.layer.1.output.dense.weight"
    refused("not finite", **{name: torch.full_like(whole[name], float("nan"))})
    refused("another shape", **{name: torch.zeros(3, 3)})
    del whole[name]
    refused(f"missing.*{name}")
    for content, match in (
        (config.replace('"bert"', '"gpt2"'), "`gpt2`"),
        ("{", "hub layout"),
        ("[]", "JSON object"),
        (config.replace('"vocab_size": ', '"vocab_size": 1'), "another shape"),
    ):
        (folder / "config.json").write_text(content)
        with pytest.raises(BadFileError, match=match):
            read_bert(folder, VOCABULARY, 48)
    (folder / "config.json").write_text(config)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(BadFileError, match="damaged"):
        read_bert(folder, VOCABULARY, 48)
    path.rename(folder / "pytorch_model.bin")
    with pytest.raises(BadFileError, match=r"pytorch_model\.bin, which are never loaded"):
        load_model(BertForPreTraining, folder)
