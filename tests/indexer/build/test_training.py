"""Training as a job of its own: kept word vectors, used by the next reindex."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

from indexer.build import build_generation, remove_model, train_model
from indexer.database import Catalogue
from indexer.encoders import KeptModels
from indexer.encoders.static import StaticVectors
from indexer.errors import CanceledError, InputError, MissingError, UnknownNameError
from indexer.generation import IndexFolder
from indexer.types import EncoderSettings, IndexSettings
from tests.app.sample import sample
from tests.library import CATS_AND_DOGS, new_catalogue, store

FAST = {"epochs": 1, "dims": 16}


@pytest.fixture
def catalogue(tmp_path):
    with new_catalogue(tmp_path) as opened:
        store(opened, "news", sample())
        yield opened


@pytest.mark.parametrize("encoder", ["word2vec", "glove", "fasttext"])
def test_a_training_is_kept_and_used_by_the_next_reindex(catalogue: Catalogue, tmp_path: Path, encoder):
    trained = train_model(catalogue, tmp_path, "news", encoder, FAST)
    assert (trained.model, trained.encoder) == (f"news-{encoder}@1", encoder)
    assert trained.words_per_second > 0
    report = trained.report
    assert len(report["losses"]) == 1
    assert report["parameters"]["dims"] == 16
    assert 0.5 < report["coverage"] < 1
    assert report["vocabulary"] == KeptModels(tmp_path).get(f"news-{encoder}").words
    assert len(report["neighbours"]) == 12
    assert all(len(each["near"]) == 5 for each in report["neighbours"])
    assert catalogue.indexes.get("news").settings.encoders == {
        "hashing": EncoderSettings(type="hashing"),
        encoder: EncoderSettings(type=encoder, model=f"news-{encoder}@1"),
    }
    build_generation(catalogue, tmp_path, "news", [encoder])
    dense = IndexFolder(tmp_path, "news").open()[0].dense[encoder]
    assert all(len(dense.vectors.vector(ordinal)) for ordinal in range(42))
    assert isinstance(dense.encoder, StaticVectors)
    assert dense.encoder.report["model"] == f"news-{encoder}@1"


def test_a_second_training_says_what_the_first_was_told(catalogue: Catalogue, tmp_path: Path):
    train_model(catalogue, tmp_path, "news", "glove", {**FAST, "pooling": "idf"})
    again = train_model(catalogue, tmp_path, "news", "glove", {"epochs": 2})
    assert again.model == "news-glove@2"
    told = again.report["parameters"]
    assert (told["dims"], told["epochs"], told["pooling"]) == (16, 2, "idf")
    assert catalogue.indexes.get("news").settings.encoders["glove"].options == {"pooling": "idf"}


def test_the_same_seed_gives_the_same_bytes(catalogue: Catalogue, tmp_path: Path):
    for name in ("one", "two"):
        train_model(catalogue, tmp_path, "news", "fasttext", FAST, name)
    one, two = (tmp_path / "models" / name / "000001" for name in ("one", "two"))
    for path in one.iterdir():
        if path.name != "encoder.json":  # which says when
            assert path.read_bytes() == (two / path.name).read_bytes()


def test_what_cannot_be_trained_is_refused_and_nothing_is_changed(catalogue: Catalogue, tmp_path: Path):
    before = catalogue.indexes.get("news").settings
    with pytest.raises(InputError, match="no word vectors"):
        train_model(catalogue, tmp_path, "news", "hashing")
    with pytest.raises(UnknownNameError, match="`glove`"):
        train_model(catalogue, tmp_path, "news", "glov")
    with pytest.raises(UnknownNameError, match="Did you mean `dims`"):
        train_model(catalogue, tmp_path, "news", "glove", {"dim": 3})
    with pytest.raises(InputError, match="cannot name a model"):
        train_model(catalogue, tmp_path, "news", "glove", model="../x")
    with pytest.raises(MissingError):
        train_model(catalogue, tmp_path, "nowhere", "glove")
    store(catalogue, "pets", CATS_AND_DOGS)
    for encoder in ("word2vec", "glove", "fasttext"):
        with pytest.raises(InputError, match=f"{encoder} wants at least 1000 words") as caught:
            train_model(catalogue, tmp_path, "pets", encoder)
        assert caught.value.code == "corpus_too_small"
    catalogue.indexes.create("empty", IndexSettings())
    with pytest.raises(InputError, match="no text to train on"):
        train_model(catalogue, tmp_path, "empty", "word2vec")
    assert catalogue.indexes.get("news").settings == before
    assert KeptModels(tmp_path).list() == []


def test_a_canceled_training_leaves_nothing(catalogue: Catalogue, tmp_path: Path):
    def cancel(phase: str, done: int, total: int | None, loss: float | None = None) -> None:
        if loss is not None:
            raise CanceledError("enough")

    before = catalogue.indexes.get("news").settings
    with pytest.raises(CanceledError):
        train_model(catalogue, tmp_path, "news", "word2vec", FAST, progress=cancel)
    assert KeptModels(tmp_path).list() == []
    assert catalogue.indexes.get("news").settings == before


def test_a_reindex_with_a_model_that_is_not_there_is_refused_before_any_work(
    catalogue: Catalogue, tmp_path: Path
):
    settings = IndexSettings(encoders={"w": EncoderSettings(type="word2vec", model="gone")})
    catalogue.indexes.save_settings(
        "news", settings.model_copy(update={"fields": catalogue.indexes.get("news").settings.fields})
    )
    with pytest.raises(MissingError, match="no model `gone`"):
        build_generation(catalogue, tmp_path, "news")
    assert not (tmp_path / "indexes").exists()


def test_a_kind_of_index_that_does_not_fit_a_model_is_refused_before_any_work(
    catalogue: Catalogue, tmp_path: Path
):
    train_model(catalogue, tmp_path, "news", "word2vec", FAST)
    settings = catalogue.indexes.get("news").settings
    odd = settings.encoders["word2vec"].model_copy(update={"vectors": "PQ5"})
    catalogue.indexes.save_settings("news", settings.model_copy(update={"encoders": {"word2vec": odd}}))
    with pytest.raises(InputError, match="16 dimensions cannot be cut into 5"):
        build_generation(catalogue, tmp_path, "news")
    assert not (tmp_path / "indexes").exists()


def test_the_report_says_which_kind_is_advised(catalogue: Catalogue, tmp_path: Path):
    settings = catalogue.indexes.get("news").settings
    graph = EncoderSettings(type="hashing", vectors="HNSW16")
    few = EncoderSettings(type="hashing", vectors="PQ8")
    catalogue.indexes.save_settings(
        "news", settings.model_copy(update={"encoders": {"graph": graph, "few": few}})
    )
    report = build_generation(catalogue, tmp_path, "news")
    assert {name: (each.kind, each.advised) for name, each in report.vectors.items()} == {
        "graph": ("HNSW16", "flat"),
        "few": ("flat", "flat"),
    }
    assert report.warnings == ["`PQ8` learns from at least 256 vectors, `few` has 42: it got `flat`."]
    assert report.vectors["graph"].memory == 42 * (256 * 4 + 16 * 2 * 4)


def test_a_model_in_use_is_not_removed(catalogue: Catalogue, tmp_path: Path):
    train_model(catalogue, tmp_path, "news", "word2vec", FAST, "base")
    train_model(catalogue, tmp_path, "news", "glove", FAST, "other")
    for reference in ("base", "base@1"):
        with pytest.raises(InputError, match="used by `news`") as caught:
            remove_model(catalogue, tmp_path, reference)
        assert caught.value.code == "model_in_use"
    train_model(catalogue, tmp_path, "news", "word2vec", FAST, "base")
    remove_model(catalogue, tmp_path, "base@1")
    assert str(KeptModels(tmp_path).get("base")) == "base@2"


def test_a_training_that_is_killed_leaves_the_former_model_serving(catalogue: Catalogue, tmp_path: Path):
    train_model(catalogue, tmp_path, "news", "word2vec", FAST)
    build_generation(catalogue, tmp_path, "news")
    before = catalogue.indexes.get("news").settings
    options = orjson.dumps({"epochs": 1000}).decode()
    command = [sys.executable, "-m", "indexer", "train", "news", "word2vec", "--data-dir", str(tmp_path)]
    with subprocess.Popen([*command, "--options", options], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if orjson.loads(line)["loss"] is not None:
                break
        os.kill(process.pid, signal.SIGKILL)
    assert [str(each) for each in KeptModels(tmp_path).list()] == ["news-word2vec@1"]
    assert catalogue.indexes.get("news").settings == before
    generation, faults = IndexFolder(tmp_path, "news").open()
    assert faults == []
    assert generation.dense["word2vec"].encoder.encode(["猫"])[0].vector is not None


@pytest.mark.parametrize("encoder", ["word2vec", "glove", "fasttext"])
def test_a_canceled_process_ends_soon_and_says_so(catalogue: Catalogue, tmp_path: Path, encoder):
    options = orjson.dumps({"epochs": 1000}).decode()
    command = [sys.executable, "-m", "indexer", "train", "news", encoder, "--data-dir", str(tmp_path)]
    with subprocess.Popen([*command, "--options", options], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = (orjson.loads(line) for line in process.stdout)
        first = next(line for line in lines if line.get("loss") is not None)
        assert first["phase"] == f"train {encoder}"
        process.terminate()
        started = time.monotonic()
        last = list(lines)[-1]
    assert time.monotonic() - started < 30
    assert last["error"]["code"] == "canceled"
    assert KeptModels(tmp_path).list() == []
