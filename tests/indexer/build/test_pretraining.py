"""A BERT is trained on an index's documents, kept, and used by the next reindex."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import orjson
import pytest
from transformers import AutoModel, AutoTokenizer

from indexer.build import build_generation, remove_model, train_model
from indexer.database import Catalogue
from indexer.encoders import KeptModels
from indexer.encoders.bert import KeptBertOptions, make_kept_bert
from indexer.encoders.bert.encoder import BertEncoder
from indexer.encoders.bert.inside import InnerModel
from indexer.errors import CanceledError, CorruptError, InputError, MissingError, UnknownNameError
from indexer.generation import IndexFolder
from indexer.pretraining import extra
from indexer.snapshots import Snapshots, restore
from indexer.types import EncoderSettings
from tests.indexer.pretraining.texts import documents
from tests.library import CATS_AND_DOGS, new_catalogue, store

TINY = {
    "layers": 2,
    "dims": 32,
    "heads": 2,
    "length": 32,
    "vocabulary": 300,
    "epochs": 1,
    "contrastive_epochs": 1,
}


@pytest.fixture
def catalogue(tmp_path):
    with new_catalogue(tmp_path) as opened:
        rows = [{"id": str(n), "title": title, "text": text} for n, (title, text) in enumerate(documents())]
        store(opened, "news", rows)
        yield opened


def test_the_next_reindex_is_made_with_the_kept_bert(catalogue: Catalogue, tmp_path: Path):
    trained = train_model(catalogue, tmp_path, "news", "bert", TINY)
    report = build_generation(catalogue, tmp_path, "news")
    assert report.encoders == ["hashing", "bert"]
    generation, _ = IndexFolder(tmp_path, "news").open()
    encoder = generation.dense["bert"].encoder
    assert isinstance(encoder, BertEncoder)
    kept = make_kept_bert(
        KeptModels(tmp_path).folder(KeptModels(tmp_path).get(trained.model)), KeptBertOptions()
    )
    assert encoder.fingerprint == kept.fingerprint
    # What it was trained to guess is there as well.
    [guess] = InnerModel(encoder).fill_mask("小猫[MASK]鱼", 3)
    assert sum(chance for _, chance in guess.tokens) <= 1.0
    assert 0.0 < InnerModel(encoder).next_sentence("小猫喜欢鱼。", "green tea") < 1.0
    assert InnerModel(encoder).senses("green tea", (6, 9), "green tea", (6, 9))[-1] == pytest.approx(1.0)
    generation.close()


def test_a_bert_is_kept_as_a_folder_that_others_read_alike(catalogue: Catalogue, tmp_path: Path):
    trained = train_model(catalogue, tmp_path, "news", "bert", TINY)
    assert (trained.model, trained.encoder) == ("news-bert@1", "bert")
    assert trained.words_per_second > 0
    report = trained.report
    assert list(report["curves"]) == ["bert", "contrastive"]
    assert report["options"] == TINY
    assert catalogue.indexes.get("news").settings.encoders == {
        "hashing": EncoderSettings(type="hashing"),
        "bert": EncoderSettings(type="bert", model="news-bert@1"),
    }
    models = KeptModels(tmp_path)
    model = models.get("news-bert")
    assert (model.type, model.spelled, model.dims, model.words) == (
        "bert",
        "pieces",
        32,
        report["vocabulary"],
    )
    assert model.subwords
    folder = models.folder(model)
    assert not models.training("news-bert").exists()

    # What the graph says is what transformers says, from the same folder.
    tokenizer, loaded = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
    given = tokenizer("小猫喜欢 green tea", return_tensors="pt")
    assert tokenizer.model_max_length == 32
    wanted = loaded(**given).last_hidden_state.detach().numpy()
    session = onnxruntime.InferenceSession(folder / "onnx" / "model.onnx")
    found = session.run(["last_hidden_state"], {name: each.numpy() for name, each in given.items()})[0]
    assert np.abs(found - wanted).max() < 1e-4
    modules = json.loads((folder / "modules.json").read_text())
    assert [each["path"] for each in modules] == ["", "1_Pooling", "2_Normalize"]
    assert json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"] == 32

    # It has no word vectors, is in a snapshot, and is not removed while it is used.
    with pytest.raises(InputError, match="without word vectors"):
        models.words(model)
    with pytest.raises(InputError, match="used by `news`"):
        remove_model(catalogue, tmp_path, "news-bert")
    snapshot = Snapshots(tmp_path).take(catalogue)
    restore(Path(snapshot.path), tmp_path / "restored")
    restored = KeptModels(tmp_path / "restored")
    assert (restored.folder(restored.get("news-bert")) / "onnx" / "layers.onnx").is_file()

    # A file that changed is refused by name.
    path = folder / "onnx" / "model.onnx"
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)
    with pytest.raises(CorruptError, match=r"model\.onnx is damaged"):
        models.folder(model)
    path.unlink()
    with pytest.raises(CorruptError, match=r"model\.onnx cannot be read"):
        models.folder(model)


def test_one_that_was_canceled_goes_on_when_it_is_asked_for_again(catalogue: Catalogue, tmp_path: Path):
    before = catalogue.indexes.get("news").settings
    command = [sys.executable, "-m", "indexer", "train", "news", "bert", "--data-dir", str(tmp_path)]
    options = orjson.dumps({**TINY, "epochs": 1000}).decode()
    with subprocess.Popen([*command, "--options", options], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = (orjson.loads(line) for line in process.stdout)
        first = next(line for line in lines if line.get("loss") is not None)
        assert first["phase"] == "train bert"
        process.terminate()
        last = list(lines)[-1]
    assert last["error"]["code"] == "canceled"
    assert KeptModels(tmp_path).list() == []
    assert catalogue.indexes.get("news").settings == before

    def cancel(phase: str, done: int, total: int | None, loss: float | None = None) -> None:
        if loss is not None:
            seen.append(done)
            raise CanceledError("enough")

    seen: list[int] = []
    for _ in range(2):
        with pytest.raises(CanceledError):
            train_model(catalogue, tmp_path, "news", "bert", {**TINY, "epochs": 1000}, progress=cancel)
    assert seen[1] > seen[0]
    assert KeptModels(tmp_path).list() == []


def test_what_cannot_be_pretrained_is_refused_and_nothing_is_changed(catalogue: Catalogue, tmp_path: Path):
    before = catalogue.indexes.get("news").settings
    for options, match in (
        ({"heads": 3}, "heads=3 must divide dims=256"),
        ({"length": 5}, "`length`"),
        ({"start": str(tmp_path / "nowhere")}, r"tokenizer\.json cannot be read"),
    ):
        with pytest.raises(InputError, match=match):
            train_model(catalogue, tmp_path, "news", "bert", options)
    with pytest.raises(UnknownNameError, match="Did you mean `epochs`"):
        train_model(catalogue, tmp_path, "news", "bert", {"epoch": 3})
    with pytest.raises(InputError, match="cannot name a model"):
        train_model(catalogue, tmp_path, "news", "bert", model="../x")
    with pytest.raises(MissingError):
        train_model(catalogue, tmp_path, "nowhere", "bert")
    store(catalogue, "pets", CATS_AND_DOGS)
    with pytest.raises(InputError, match="at least 20 documents") as caught:
        train_model(catalogue, tmp_path, "pets", "bert")
    assert caught.value.code == "corpus_too_small"
    store(catalogue, "lines", ({"id": str(n), "text": " ".join(["fish"] * 60)} for n in range(40)))
    with pytest.raises(InputError, match="contrastive_epochs=0"):
        train_model(catalogue, tmp_path, "lines", "bert", TINY)
    store(
        catalogue,
        "words",
        ({"id": f"{n:02}", "text": "fish" if n % 20 == 19 else "a fish " * 60} for n in range(40)),
    )
    with pytest.raises(InputError, match="of a single piece"):
        train_model(catalogue, tmp_path, "words", "bert", TINY)
    assert catalogue.indexes.get("news").settings == before
    assert KeptModels(tmp_path).list() == []


def test_without_the_extra_it_says_what_to_install(catalogue: Catalogue, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(extra, "MODULES", ("torch", "no_such_module"))
    with pytest.raises(InputError, match=r"no_such_module.*pip install 'textprism\[train\]'") as caught:
        train_model(catalogue, tmp_path, "news", "bert", TINY)
    assert caught.value.code == "extra_missing"


def test_the_product_works_without_torch():
    """Nothing that a search, a build or the command line needs imports what belongs to training."""
    code = (
        "import sys, app.main, app.cli, indexer.__main__; "
        "print(sorted({'torch', 'transformers', 'onnx', 'onnxscript'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.returncode) == ("[]\n", 0), ended.stderr
