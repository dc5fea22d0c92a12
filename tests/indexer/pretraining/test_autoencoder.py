"""An autoencoder: what it learns, that it is the same again, and its job."""

import numpy as np
import pytest
import torch

from indexer.build import build_generation, train
from indexer.encoders import KeptModels
from indexer.errors import CanceledError, InputError, NotBuiltError, UnknownNameError
from indexer.pretraining import AutoencoderOptions
from indexer.pretraining.autoencoder import train_autoencoder
from indexer.types import no_progress
from indexer.vectors.compressing import through
from tests.indexer.build.labelled import SETTINGS
from tests.indexer.vectors.test_compressing import unit
from tests.library import new_catalogue, store

OPTIONS = AutoencoderOptions(hidden=32, epochs=20, batch=64)


def test_it_learns_what_vectors_have_in_common_and_the_same_again(tmp_path):
    vectors = unit(600, 16, 3)
    first = train_autoencoder(vectors[:500], vectors[500:], 3, OPTIONS, tmp_path / "a", no_progress)
    curve = first.curves["autoencoder"]
    assert curve[-1]["held_out"]["loss"] < 0.5 * curve[0]["held_out"]["loss"]
    restored = through(through(vectors[500:], first.encoder), first.decoder)
    loss = np.square(vectors[500:] - restored).sum(axis=1).mean()
    assert loss == pytest.approx(min(each["held_out"]["loss"] for each in curve), rel=1e-3)
    second = train_autoencoder(vectors[:500], vectors[500:], 3, OPTIONS, tmp_path / "b", no_progress)
    assert np.array_equal(first.encoder[0][0], second.encoder[0][0])


def test_served_layers_equal_torch(tmp_path):
    vectors = unit(200, 8, 8)
    stacks = train_autoencoder(vectors[:150], vectors[150:], 4, OPTIONS, tmp_path, no_progress)
    found = torch.from_numpy(vectors)
    for number, (weights, bias) in enumerate(stacks.encoder):
        found = torch.nn.functional.linear(found, torch.from_numpy(weights.T.copy()), torch.from_numpy(bias))
        found = found if number else torch.relu(found)
    assert through(vectors, stacks.encoder) == pytest.approx(found.numpy(), abs=1e-5)


def test_one_that_was_canceled_goes_on_and_ends_as_if_it_had_not_been(tmp_path):
    vectors = unit(300, 8, 4)
    whole = train_autoencoder(vectors[:250], vectors[250:], 2, OPTIONS, tmp_path / "whole", no_progress)

    def stop(phase, done, total, loss=None):
        if done > 2_000:
            raise CanceledError("stop")

    with pytest.raises(CanceledError):
        train_autoencoder(vectors[:250], vectors[250:], 2, OPTIONS, tmp_path / "parts", stop)
    parts = train_autoencoder(vectors[:250], vectors[250:], 2, OPTIONS, tmp_path / "parts", no_progress)
    assert np.array_equal(parts.decoder[1][0], whole.decoder[1][0])


def test_a_rate_that_is_too_high_is_told_and_nothing_is_kept(tmp_path):
    vectors = unit(300, 8, 4)
    vectors[:, 0] = np.inf
    with pytest.raises(InputError, match="not finite at step 1") as told:
        train_autoencoder(vectors[:250], vectors[250:], 2, OPTIONS, tmp_path, no_progress)
    assert told.value.code == "diverged"


def test_the_job_compares_it_with_pca_and_product_quantisation_in_as_many_bytes(tmp_path):
    words = [f"w{number}" for number in range(60)]
    rng = np.random.default_rng(1)
    texts = [" ".join(rng.choice(words, 6)) for _ in range(600)]
    with new_catalogue(tmp_path) as catalogue:
        store(catalogue, "many", [{"id": str(n), "text": text} for n, text in enumerate(texts)], SETTINGS)
        with pytest.raises(NotBuiltError):
            train(catalogue, tmp_path, "many", "autoencoder")
        build_generation(catalogue, tmp_path, "many")
        told_so = {"on": "hashing", "code": 16, "epochs": 3}
        trained = train(catalogue, tmp_path, "many", "autoencoder", told_so)
        report = trained.report
        assert [row["method"] for row in report["table"]] == ["autoencoder", "pca", "pq"]
        assert {row["bytes"] for row in report["table"]} == {16}
        assert (report["bytes"], report["vectors"], report["held_out"]) == (256, 600, 120)
        assert all(0 < row["recall_at_10"] < 1 and row["loss"] > 0 for row in report["table"])
        assert report["curves"]["autoencoder"]
        folder = KeptModels(tmp_path).folder(KeptModels(tmp_path).get(trained.model))
        assert (folder / "encoder-0-weights.npy").is_file()
        for name, value, error in (("on", "bert", UnknownNameError), ("code", 1, InputError)):
            with pytest.raises(error) as told:
                train(catalogue, tmp_path, "many", "autoencoder", {name: value})
            assert told.value.pointer == f"/options/{name}"
        store(catalogue, "few", [{"id": str(n), "text": text} for n, text in enumerate(texts[:50])], SETTINGS)
        build_generation(catalogue, tmp_path, "few")
        with pytest.raises(InputError, match="at least 512 are wanted") as told:
            train(catalogue, tmp_path, "few", "autoencoder")
        assert told.value.code == "corpus_too_small"
