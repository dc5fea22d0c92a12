"""What an RNN learns, how it goes on after an end, and what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import load_file, save_file
from torch.nn.functional import cross_entropy

from indexer.errors import BadFileError, CanceledError, InputError
from indexer.pretraining.loop import OPTIMISERS, schedule
from indexer.pretraining.rnn import RnnTrainingOptions
from indexer.pretraining.rnn.batches import batch_of
from indexer.pretraining.rnn.examples import Chunks, classified, marked, valued
from indexer.pretraining.rnn.model import Recurrent
from indexer.pretraining.rnn.objectives import NextWord
from indexer.pretraining.rnn.training import read_corpus, train_rnn
from indexer.pretraining.rnn.words import SPECIALS, Words, read_lexis
from indexer.types import no_progress
from tests.indexer.encoders.rnn.network import architecture
from tests.indexer.pretraining.rnn.texts import ANALYZER, corpus, rows, small, source
from tests.indexer.pretraining.test_training import canceling


def trained(folder: Path, options: RnnTrainingOptions, progress=no_progress):
    """The report of a training, whose model is in `folder / "model"`."""
    return train_rnn(corpus(options), options, folder / "model", folder / "training", progress)


def held_out(report, name):
    """The held-out loss at the first look, and the least."""
    losses = [each["held_out"][name] for each in report["curves"][report["parameters"]["objective"]]]
    return losses[0], min(losses)


def test_words_are_numbered_by_their_frequency_and_the_rare_ones_are_unknown():
    known = [{"title": "cats", "text": "Cats run. A cat ran, 小猫 running; cat!"}] * 120
    options = small(objective="language", min_count=200)
    found = read_corpus(source(given=known), ANALYZER, options, no_progress)
    words = found.lexis
    assert isinstance(words, Words)
    assert [*words.terms] == [*SPECIALS, "cat", "run"]  # 480 and 240 times
    assert words.forms[4] in {"cats", "cat"}
    assert sorted(set(found.pieces.ids.tolist())) == [1, 4, 5]
    assert words.pieces(["a running CAT"]) == [[1, 5, 4]]
    capped = read_corpus(source(given=known), ANALYZER, small(vocabulary=50, min_count=1), no_progress)
    assert capped.lexis.size == 4 + 5
    assert words.spans("Cats, 鱼") == ([4, 1], [(0, 4), (6, 7)])


def test_the_loss_of_the_next_word_is_the_mean_over_all_words_worked_out_alone():
    options = small(objective="language")
    found = corpus(options)
    chunks = Chunks(found.pieces, 16, found.lexis.end)
    first, following = chunks.row(0)
    assert following[:-1].tolist() == first.tolist()
    assert following[-1] == found.pieces.ids[16]  # the text goes on
    ends = [chunks.row(number)[1][-1] for number in range(len(chunks))]
    assert ends.count(found.lexis.end) == found.pieces.n_documents
    assert sum(chunks.sizes - 1) == len(found.pieces.ids)

    torch.manual_seed(1)
    model = Recurrent(architecture(vocabulary=found.lexis.size, speaks=True))
    objective = NextWord(model, chunks, chunks, found.lexis, options)
    taken = objective.step(0)
    numbers = objective._order.step(0)
    losses, count = 0.0, 0
    for number in numbers:
        row, targets = chunks.row(int(number))
        batch = batch_of([row], found.lexis.begin, torch.device("cpu"))
        logits = model.next_word(model.states(batch.ids, batch.lengths)[0])
        losses += float(cross_entropy(logits, torch.from_numpy(targets), reduction="sum").detach())
        count += len(targets)
    assert taken.n_pieces == count
    assert float(taken.losses["language"].detach()) == pytest.approx(losses / count, rel=1e-5)


def test_a_language_model_learns_and_tells_its_perplexity(tmp_path):
    for more in ({}, {"bptt": 7}, {"tied": True, "embedding": 24}, {"input": "pieces"}):
        report = trained(tmp_path, small(objective="language", epochs=10, **more))
        first, best = held_out(report, "language")
        assert best < first - 0.3
        assert report["perplexity"] == pytest.approx(np.exp(best), rel=0.01)
        assert report["perplexity"] < 0.75 * report["vocabulary"]
        assert report["graph_differs"] < 1e-5
        assert not (tmp_path / "training").exists()


@pytest.mark.parametrize("pooling", ["mean", "attention"])
def test_parts_of_one_text_come_near_each_other(pooling, tmp_path):
    report = trained(tmp_path, small(pooling=pooling, bidirectional=True, projection=16, epochs=6))
    first, best = held_out(report, "contrastive")
    assert best < first - 0.3
    assert report["dims"] == 16
    assert report["gradients"]["after"][0] > 0


def test_the_next_word_is_learned_beside_another_objective(tmp_path):
    report = trained(tmp_path, small(language=0.5, epochs=8))
    assert list(report["curves"]["contrastive"][0]["held_out"]) == ["contrastive", "language"]
    first, best = held_out(report, "language")
    assert best < first
    assert report["perplexity"] < report["vocabulary"]


def test_labels_numbers_and_labels_of_words_are_learned(tmp_path):
    report = trained(tmp_path, small(objective="classification", field="topic", epochs=10))
    assert (report["accuracy"], report["parameters"]["field"]) == (1.0, "topic")
    report = trained(tmp_path, small(objective="regression", field="size", epochs=20, pooling="max"))
    assert report["error"] < 0.5 * report["error_of_mean"]
    report = trained(tmp_path, small(objective="labelling", field="animals", epochs=25, rate=0.02))
    assert report["accuracy"] > report["accuracy_of_most_frequent"]
    assert report["accuracy"] > 0.98
    assert held_out(report, "labelling")[1] < 0.1


def test_each_word_of_a_span_has_its_label():
    lexis = corpus(small()).lexis
    text = "小猫喜欢鱼 and 大狗"
    given: list[dict[str, Any]] = [
        {"title": "t", "text": text, "spans": [{"start": 0, "end": 2, "label": "cat"}]},
        {"title": "t", "text": text, "spans": {"start": 0, "end": 2, "label": "cat"}},
        {"title": text, "text": "x", "spans": [{"start": 10, "end": 12, "label": "dog", "field": "title"}]},
    ] * 7
    found = marked(source("spans", given), lexis, "spans", 64)
    assert found.names == ["O", "cat", "dog"]
    assert found.targets[:3] == [[1, 0, 0, 0, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 2]]
    assert [len(row) for row in marked(source("spans", given), lexis, "spans", 4).rows[:2]] == [4, 1]
    for bad in ("a", {"start": 0}, {"start": 0, "end": 2, "label": "x", "field": "nowhere"}):
        with pytest.raises(InputError, match="wants objects such as") as caught:
            marked(source("spans", [{**each, "spans": [bad]} for each in given]), lexis, "spans", 64)
        assert caught.value.code == "bad_labels"


def test_fields_that_cannot_be_learned_are_refused():
    lexis = corpus(small()).lexis
    same = [{**each, "topic": "tea", "size": 3} for each in rows()]
    for read, field in ((classified, "topic"), (valued, "size"), (marked, "animals")):
        given = same if field != "animals" else [{**each, "animals": []} for each in rows()]
        with pytest.raises(InputError) as caught:
            read(source(field, given), lexis, field, 64)
        assert (caught.value.code, caught.value.pointer) == ("one_class", "/options/field")
        few = [{**each, field: each[field] if int(each["id"]) < 19 else None} for each in rows()]
        with pytest.raises(InputError, match="found 19") as caught:
            read(source(field, few), lexis, field, 64)
        assert caught.value.code == "too_few_labels"
    many = [{**each, "topic": each["id"]} for each in rows(2000)]
    with pytest.raises(InputError, match="has 2,000"):
        classified(source("topic", many), lexis, "topic", 4)
    several = classified(
        source("topic", [{**e, "topic": [e["topic"], "z"]} for e in rows()]), lexis, "topic", 9
    )
    assert several.names == sorted(["tea", "ship", "猫", "狗"])


def test_a_training_that_was_ended_goes_on_to_the_same_weights(tmp_path):
    for optimiser in OPTIMISERS:
        options = small(objective="language", optimiser=optimiser, schedule="cosine", epochs=5)
        whole = trained(tmp_path / "whole", options)
        with pytest.raises(CanceledError):
            trained(tmp_path / "parts", options, canceling(12))
        other = small(objective="language", optimiser=optimiser, epochs=5, seed=2)
        with pytest.raises(CanceledError):  # of other options it begins anew
            trained(tmp_path / "other", other, canceling(12))
        assert trained(tmp_path / "parts", options)["curves"] == whole["curves"]
        one, same = (
            load_file(tmp_path / name / "model" / "model.safetensors") for name in ("whole", "parts")
        )
        assert all(torch.equal(one[name], same[name]) for name in one)


def test_schedules():
    for kind in ("linear", "cosine", "constant"):
        rates = [schedule(step, 40, kind) for step in range(40)]
        assert rates[:4] == [0.25, 0.5, 0.75, 1.0]
        assert rates[3:] == sorted(rates[3:], reverse=True)
        assert rates[-1] == 1.0 if kind == "constant" else 0 < rates[-1] < 0.1


def test_losses_that_are_not_finite_end_it_at_a_step_that_is_named(tmp_path):
    options = small(cell="vanilla", activation="relu", optimiser="sgd", rate=10, clip=1000, epochs=200)
    options = options.model_copy(update={"objective": "regression", "field": "size", "schedule": "constant"})
    with pytest.raises(InputError, match=r"not finite at step \d+ of [\d,]+ of `regression`") as caught:
        trained(tmp_path, options)
    assert caught.value.code == "diverged"
    assert not (tmp_path / "model").exists()


def test_one_goes_on_from_a_model_with_its_words_and_another_objective(tmp_path):
    first = small(objective="language", cell="gru", epochs=6)
    trained(tmp_path / "first", first)
    start = str(tmp_path / "first" / "model")
    report = trained(
        tmp_path / "second", small(objective="classification", field="topic", start=start, epochs=10)
    )
    assert (report["parameters"]["cell"], report["accuracy"]) == ("gru", 1.0)
    again = trained(tmp_path / "third", small(objective="language", start=start, epochs=1))
    assert held_out(again, "language")[0] < held_out(trained(tmp_path / "new", first), "language")[0]
    trained(tmp_path / "both", small(bidirectional=True, epochs=1))
    both = str(tmp_path / "both" / "model")
    with pytest.raises(InputError, match="learns no next word"):
        trained(tmp_path / "none", small(objective="language", start=both))


def test_a_start_that_is_not_sound_is_refused_by_name(tmp_path):
    trained(tmp_path, small(epochs=1))
    folder = tmp_path / "model"

    def refused(match: str) -> None:
        with pytest.raises(BadFileError, match=match):
            trained(tmp_path / "second", small(start=str(folder)))

    terms = (folder / "terms.txt").read_text()
    for name in ("terms.txt", "forms.txt"):  # the words of another model
        path = folder / name
        path.write_text(path.read_text() + "another\n")
    refused("does not fit config.json and its vocabulary")
    (folder / "terms.txt").write_text(terms)
    refused("belong together")
    (folder / "forms.txt").write_text(terms)
    weights = load_file(folder / "model.safetensors")
    bad = {**weights, "rnn.bias_ih_l0": torch.full_like(weights["rnn.bias_ih_l0"], float("nan"))}
    save_file(bad, folder / "model.safetensors")
    refused("not finite")
    (folder / "config.json").write_text("{}")
    refused("the folder of an RNN was wanted")
    (folder / "terms.txt").unlink()
    refused("cannot be read")
    with pytest.raises(BadFileError, match="cannot be read"):
        read_lexis(tmp_path / "nowhere", ANALYZER)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"objective": "language", "bidirectional": True}, "one direction"),
        ({"bptt": 5, "bidirectional": True}, "one direction"),
        ({"tied": True, "objective": "language"}, "alike"),
        ({"tied": True, "hidden": 128}, "of the next word"),
        ({"objective": "classification"}, "wants field=NAME"),
        ({"field": "topic"}, "no use for"),
        ({"rate": 0}, "greater than 0"),
        ({"cell": "elman"}, "vanilla"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options, match):
    with pytest.raises(ValidationError, match=match):
        RnnTrainingOptions(**options)


def test_too_few_texts_are_refused():
    for given, match in (
        (rows(19), "19 documents"),
        ([{"title": "a", "text": "b"}] * 30, "30 documents of 60 words"),
        ([{"title": "", "text": ""}] * 30, "0 documents"),
    ):
        with pytest.raises(InputError, match=match) as caught:
            read_corpus(source(given=given), ANALYZER, small(), no_progress)
        assert caught.value.code == "corpus_too_small"
    lone = [{"title": "", "text": " ".join(["fish"] * 60)}] * 40
    options = small()
    with pytest.raises(InputError, match="take objective=language"):
        train_rnn(
            read_corpus(source(given=lone), ANALYZER, options, no_progress),
            options,
            Path("nowhere"),
            Path("nowhere"),
            no_progress,
        )
    with pytest.raises(InputError, match="min_count=1000"):
        read_corpus(source(), ANALYZER, small(min_count=1000), no_progress)
