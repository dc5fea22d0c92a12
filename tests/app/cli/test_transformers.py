"""`textprism train INDEX reranker`, `textprism models` of what is no word vectors, and `models convert`."""

import json
from typing import Any

import pytest
from transformers import BertConfig, BertForSequenceClassification

from app.cli import main
from indexer.encoders import KeptModels
from indexer.pretraining.vocabulary import learn_vocabulary
from tests.indexer.pretraining.texts import documents

REPORT = {
    "curves": {
        "bert": [
            {
                "step": step,
                "pieces": step * 1000,
                "mlm": 5.0,
                "nsp": 0.7,
                "held_out": {"mlm": mlm, "nsp": 0.6931},
            }
            for step, mlm in ((5, 5.5), (10, 4.25), (15, 4.0))
        ]
    },
    "ordered_before": 0.5,
    "ordered": 0.875,
}


@pytest.fixture
def run(capsys):
    """Runs a command: its status, what it printed, and what it said of errors."""

    def command(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments)])
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return ended.value.code, printed.out, " ".join(printed.err.split())

    return command


@pytest.fixture
def folder(tmp_path, capsys):
    """A cross-encoder as small as can be, that has learned nothing."""
    vocabulary = learn_vocabulary((text for document in documents() for text in document), 200)
    size: dict[str, Any] = {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "num_labels": 1,
    }
    config = BertConfig(vocab_size=vocabulary.size, max_position_embeddings=32, **size)
    BertForSequenceClassification(config).save_pretrained(tmp_path / "cross")
    vocabulary.tokenizer.save(str(tmp_path / "cross" / "tokenizer.json"))
    capsys.readouterr()  # the bar of transformers
    return tmp_path / "cross"


def test_a_folder_is_converted(run, folder, tmp_path):
    status, out, err = run("models", "convert", folder)
    assert (status, err) == (0, "")
    assert out.startswith(f"{folder}/onnx/model.onnx: differs from the weights by ")
    assert out.count("\n") == 1
    (folder / "model.safetensors").unlink()
    status, out, err = run("models", "convert", folder, "--json")
    assert (status, err) == (1, "")
    assert json.loads(out)["error"]["code"] == "bad_file"


def test_a_transformer_is_listed_and_shown(run, folder, tmp_path):
    KeptModels(tmp_path).keep_folder("cross", "reranker", folder, 16, 200, REPORT)
    status, out, _ = run("models", "show", "cross", "--data-dir", tmp_path)
    assert status == 0
    first, curve, ordered = out.splitlines()
    assert first.startswith("cross@1 reranker: 200 pieces of words, 16 dimensions, 20")
    told = "mlm 5.5000 → 4.2500 → 4.0000; nsp 0.6931 → 0.6931 → 0.6931"
    assert curve == f"  bert: held-out loss {told}, 15,000 pieces in 15 steps"
    assert ordered.endswith("before another: 87.5%, before the training 50.0%")
    assert run("models", "list", "--data-dir", tmp_path)[1].startswith("cross@1 reranker: 200 pieces")
    file = tmp_path / "words.txt"
    assert "without word vectors" in run("models", "export", "cross", file, "--data-dir", tmp_path)[2]
    assert not file.exists()


def test_what_learns_from_files_wants_them_and_the_others_do_not(run, data_dir):
    for arguments, told in (
        (["reranker"], "--queries and --qrels"),
        (["reader"], "--squad, or --queries and --qrels"),
        (["word2vec", "--queries", "q.jsonl"], "learns from documents alone"),
    ):
        status, out, err = run("train", "news", *arguments, "--data-dir", data_dir)
        assert (status, out) == (1, "")
        assert told in err
