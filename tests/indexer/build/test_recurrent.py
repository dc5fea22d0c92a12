"""An RNN is trained on an index's documents, kept, and used by the next reindex and by every search."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import orjson
import pytest

from indexer.build import build_generation, train_model
from indexer.database import Catalogue
from indexer.documents import Source, import_documents
from indexer.encoders import KeptModels, TermEncoder, TextEncoder
from indexer.encoders.rnn import language_model, speaks
from indexer.errors import BadFileError, CanceledError, CorruptError, InputError, UnknownNameError
from indexer.generation import IndexFolder
from indexer.live import LiveIndex
from indexer.types import EncoderSettings
from tests.indexer.pretraining.rnn.texts import rows
from tests.library import CATS_AND_DOGS, new_catalogue, store

SMALL = {"embedding": 16, "hidden": 24, "epochs": 2, "batch": 16, "length": 64}


@pytest.fixture
def catalogue(tmp_path):
    with new_catalogue(tmp_path) as opened:
        store(opened, "news", rows())
        yield opened


@pytest.mark.parametrize("given", [{"language": 0.5}, {"input": "pieces", "pooling": "attention"}])
def test_the_next_reindex_is_made_with_the_kept_network(given, catalogue: Catalogue, tmp_path: Path):
    options = {**SMALL, **given}
    trained = train_model(catalogue, tmp_path, "news", "rnn", options)
    assert (trained.model, trained.report["options"]) == ("news-rnn@1", options)
    assert catalogue.indexes.get("news").settings.encoders["rnn"] == EncoderSettings(
        type="rnn", model="news-rnn@1"
    )
    models = KeptModels(tmp_path)
    kept = models.get("news-rnn")
    pieces = "input" in given
    assert (kept.type, kept.spelled, kept.subwords) == ("rnn", "pieces" if pieces else "terms", pieces)
    assert (kept.dims, kept.words) == (24, trained.report["vocabulary"])
    with pytest.raises(InputError, match="without word vectors"):
        models.words(kept)

    assert build_generation(catalogue, tmp_path, "news").encoders == ["hashing", "rnn"]
    generation, _ = IndexFolder(tmp_path, "news").open()
    encoder = generation.dense["rnn"].encoder
    assert isinstance(encoder, TextEncoder if pieces else TermEncoder)
    assert (language_model(encoder) is None) == pieces
    store_one(catalogue, {"id": "new", "title": "tea", "text": "the green tea leaves dry in warm wind"})
    live = LiveIndex(generation, tmp_path / "indexes" / "news")
    assert live.refresh(catalogue)
    assert live.encode() == pieces
    now = live.current
    for doc_id in ("004", "new"):  # a document of the generation, and one beside it
        document = catalogue.documents.get("news", doc_id)
        [[found]] = now.dense["rnn"].documents.encode_rows([document])
        ordinal = sorted([*(f"{n:03}" for n in range(80)), "new"]).index(doc_id)
        assert found.vector is not None
        np.testing.assert_allclose(now.dense["rnn"].vectors.vector(ordinal)[0], found.vector, atol=1e-5)
    generation.close()

    # A second training is told what the first was; of another objective nothing.
    again = train_model(catalogue, tmp_path, "news", "rnn", {"epochs": 1})
    assert (again.model, again.report["options"]) == ("news-rnn@2", {**options, "epochs": 1})
    other = {**SMALL, "objective": "classification", "field": "topic", "epochs": 1}
    assert train_model(catalogue, tmp_path, "news", "rnn", other).report["options"] == other


def store_one(catalogue: Catalogue, document: dict[str, str]) -> None:
    from io import BytesIO

    body = orjson.dumps(document)
    import_documents(catalogue, "news", [Source("test", "jsonl", lambda: BytesIO(body))])


def test_labels_of_documents_and_of_words_come_out(catalogue: Catalogue, tmp_path: Path):
    for objective, field in (("classification", "topic"), ("regression", "size"), ("labelling", "animals")):
        options = {**SMALL, "objective": objective, "field": field, "epochs": 1}
        train_model(catalogue, tmp_path, "news", "rnn", options)
        build_generation(catalogue, tmp_path, "news", ["rnn"])
        generation, _ = IndexFolder(tmp_path, "news").open()
        inside = speaks(generation.dense["rnn"].encoder)
        assert inside is not None
        found = inside.outputs("小猫 喜欢", 9)
        assert inside.field == field
        assert {name for name, _ in found.labels} == (
            {"tea", "ship", "猫", "狗"} if objective == "classification" else set()
        )
        assert (found.value is not None) == (objective == "regression")
        names = {"O", "cat", "dog"} if objective == "labelling" else set()
        assert {name for name, _ in found.steps[1].labels} == names
        generation.close()


def test_one_that_was_canceled_goes_on_and_a_failed_one_changes_nothing(catalogue: Catalogue, tmp_path: Path):
    before = catalogue.indexes.get("news").settings
    command = [sys.executable, "-m", "indexer", "train", "news", "rnn", "--data-dir", str(tmp_path)]
    options = orjson.dumps({**SMALL, "epochs": 1000}).decode()
    with subprocess.Popen([*command, "--options", options], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = (orjson.loads(line) for line in process.stdout)
        first = next(line for line in lines if line.get("loss") is not None)
        assert first["phase"] == "train contrastive"
        process.terminate()
        last = list(lines)[-1]
    assert last["error"]["code"] == "canceled"
    assert KeptModels(tmp_path).list() == []

    def cancel(phase: str, done: int, total: int | None, loss: float | None = None) -> None:
        if loss is not None:
            seen.append(done)
            raise CanceledError("enough")

    seen: list[int] = []
    for _ in range(2):
        with pytest.raises(CanceledError):
            train_model(catalogue, tmp_path, "news", "rnn", {**SMALL, "epochs": 1000}, progress=cancel)
    assert seen[1] > seen[0]
    unsound = {"cell": "vanilla", "activation": "relu", "optimiser": "sgd", "rate": 10, "clip": 1000}
    learned = {"objective": "regression", "field": "size", "schedule": "constant", "epochs": 200}
    with pytest.raises(InputError, match="not finite at step") as caught:
        train_model(catalogue, tmp_path, "news", "rnn", {**SMALL, **unsound, **learned})
    assert caught.value.code == "diverged"
    assert KeptModels(tmp_path).list() == []
    assert catalogue.indexes.get("news").settings == before


def test_what_cannot_be_trained_is_refused_and_nothing_is_changed(catalogue: Catalogue, tmp_path: Path):
    before = catalogue.indexes.get("news").settings
    for options, match in (
        ({"objective": "language", "bidirectional": True}, "one direction"),
        ({"objective": "classification"}, "wants field=NAME"),
        ({"hidden": 1}, "`hidden`"),
        ({"objective": "poetry"}, "`objective`"),
    ):
        with pytest.raises(InputError, match=match) as caught:
            train_model(catalogue, tmp_path, "news", "rnn", options)
        assert caught.value.pointer.startswith("/options")
    for options, match in (
        ({"objective": "classification", "field": "topics"}, "Did you mean `topic`"),
        ({"objective": "regression", "field": "topic"}, "known: `size`"),
        ({"objective": "labelling", "field": "text"}, "known: `animals`"),
        ({"epoch": 3}, "Did you mean `epochs`"),
    ):
        with pytest.raises(UnknownNameError, match=match):
            train_model(catalogue, tmp_path, "news", "rnn", options)
    store(catalogue, "pets", CATS_AND_DOGS)
    with pytest.raises(InputError, match="at least 20 documents") as caught:
        train_model(catalogue, tmp_path, "pets", "rnn")
    assert caught.value.code == "corpus_too_small"
    assert catalogue.indexes.get("news").settings == before
    assert KeptModels(tmp_path).list() == []


def test_a_damaged_network_is_refused(catalogue: Catalogue, tmp_path: Path):
    train_model(catalogue, tmp_path, "news", "rnn", {**SMALL, "epochs": 1})
    build_generation(catalogue, tmp_path, "news", ["rnn"])
    folder = IndexFolder(tmp_path, "news")
    saved = folder.path / folder.current() / "models" / "rnn"
    assert {path.name for path in saved.iterdir()} == {
        "config.json",
        "encoder.json",
        "forms.txt",
        "rnn.onnx",
        "terms.txt",
    }
    with pytest.raises(BadFileError, match=r"model\.safetensors is wanted"):
        train_model(catalogue, tmp_path, "news", "rnn", {**SMALL, "start": str(saved)})
    (saved / "rnn.onnx").write_bytes(b"no graph")
    with pytest.raises(CorruptError, match=r"rnn\.onnx is damaged"):
        folder.open()
