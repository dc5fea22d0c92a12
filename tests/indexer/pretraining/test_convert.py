"""Weights become graphs that answer alike; three families, each as small as can be."""

import json
import shutil
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from transformers import (
    BertConfig,
    BertForPreTraining,
    BertForQuestionAnswering,
    RobertaConfig,
    RobertaForMaskedLM,
    XLMRobertaConfig,
    XLMRobertaForSequenceClassification,
)

from indexer.errors import BadFileError
from indexer.pretraining.agreement import check_graph, examples
from indexer.pretraining.convert import convert
from indexer.pretraining.graphs import graphs_of
from indexer.pretraining.vocabulary import learn_vocabulary
from indexer.types import no_progress
from tests.indexer.pretraining.texts import documents

VOCABULARY = learn_vocabulary((text for document in documents() for text in document), 200)
SIZE: dict[str, Any] = {
    "vocab_size": VOCABULARY.size,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 40,
}


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "model"
    path.mkdir()
    VOCABULARY.tokenizer.save(str(path / "tokenizer.json"))
    return path


def answers(path, n_inputs=3):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    assert names == ["input_ids", "attention_mask", "token_type_ids"][:n_inputs]
    ids = np.arange(5, 17, dtype=np.int64).reshape(2, 6)
    given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    outputs = [each.name for each in session.get_outputs()]
    return dict(zip(outputs, session.run(None, {name: given[name] for name in names}), strict=True))


def test_a_bert_becomes_an_encoder_its_layers_and_its_heads(folder, tmp_path):
    torch.manual_seed(1)
    BertForPreTraining(BertConfig(**SIZE)).save_pretrained(folder)
    to = tmp_path / "converted"
    done = convert(folder, to, no_progress, int8=True)
    assert list(done.graphs) == ["model.onnx", "layers.onnx", "heads.onnx"]
    assert max(done.graphs.values()) < 1e-5
    assert done.int8_cosine is not None
    assert done.int8_cosine > 0.99
    assert not (folder / "onnx").exists()
    assert not (to / "model.safetensors").exists()
    assert sorted(path.name for path in to.iterdir()) == ["config.json", "onnx", "tokenizer.json"]
    encoder, layers, heads = (answers(to / "onnx" / name) for name in done.graphs)
    assert list(encoder) == ["last_hidden_state"]
    assert encoder["last_hidden_state"].shape == (2, 6, 16)
    assert list(layers) == ["hidden_states.0", "hidden_states.1", "attentions.0"]
    assert np.abs(layers["hidden_states.1"] - encoder["last_hidden_state"]).max() < 1e-6
    assert layers["attentions.0"].shape == (2, 2, 6, 6)
    assert layers["attentions.0"].sum(axis=-1) == pytest.approx(1, abs=1e-5)
    assert {name: each.shape for name, each in heads.items()} == {
        "prediction_logits": (2, 6, VOCABULARY.size),
        "seq_relationship_logits": (2, 2),
    }
    rounded = answers(to / "onnx" / "model_quantized.onnx")["last_hidden_state"]
    assert 0 < np.abs(rounded - encoder["last_hidden_state"]).max() < 0.5
    with pytest.raises(BadFileError, match="not empty"):
        convert(folder, to, no_progress, int8=False)

    # The proof tells one model from another.
    other = tmp_path / "other"
    torch.manual_seed(2)
    BertForPreTraining(BertConfig(**SIZE)).save_pretrained(other)
    graph = graphs_of(other, json.loads((other / "config.json").read_text()))[0]
    tried = examples(["input_ids", "attention_mask", "token_type_ids"], VOCABULARY.size, 40)
    with pytest.raises(BadFileError, match="`last_hidden_state` differs from the model"):
        check_graph(to / "onnx" / "model.onnx", graph.model, graph.outputs, tried)


def test_a_roberta_has_no_second_kind_of_text_and_one_head(folder):
    RobertaForMaskedLM(RobertaConfig(**SIZE, type_vocab_size=1)).save_pretrained(folder)
    assert list(convert(folder, None, no_progress, int8=False).graphs) == [
        "model.onnx",
        "layers.onnx",
        "heads.onnx",
    ]
    assert list(answers(folder / "onnx" / "heads.onnx", 2)) == ["prediction_logits"]


@pytest.mark.parametrize(
    ("model", "outputs", "n_inputs"),
    [
        (
            lambda: XLMRobertaForSequenceClassification(
                XLMRobertaConfig(**{**SIZE, "num_labels": 1}, type_vocab_size=1)
            ),
            {"logits": (2, 1)},
            2,
        ),
        (
            lambda: BertForQuestionAnswering(BertConfig(**SIZE)),
            {"start_logits": (2, 6), "end_logits": (2, 6)},
            3,
        ),
    ],
    ids=["a cross-encoder", "a reader"],
)
def test_a_model_with_a_head_of_its_own_is_one_graph(folder, model, outputs, n_inputs):
    model().save_pretrained(folder)
    assert list(convert(folder, None, no_progress, int8=False).graphs) == ["model.onnx"]
    found = answers(folder / "onnx" / "model.onnx", n_inputs)
    assert {name: each.shape for name, each in found.items()} == outputs


def test_what_cannot_be_converted_is_refused_and_nothing_is_written(folder):
    with pytest.raises(BadFileError, match=r"config\.json"):
        convert(folder, None, no_progress, int8=False)
    BertForPreTraining(BertConfig(**SIZE)).save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text())
    for changed, match in (
        ({"model_type": "gpt2"}, "wanted a model_type of bert, roberta, xlm-roberta, found `gpt2`"),
        ({"vocab_size": 20}, "vocab_size 20: they do not belong together"),
    ):
        (folder / "config.json").write_text(json.dumps({**config, **changed}))
        with pytest.raises(BadFileError, match=match):
            convert(folder, None, no_progress, int8=False)
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").unlink()
    with pytest.raises(BadFileError, match="fast tokenizer"):
        convert(folder, None, no_progress, int8=False)
    shutil.copy(folder / "config.json", folder / "tokenizer.json")
    with pytest.raises(BadFileError, match="is no tokenizer"):
        convert(folder, None, no_progress, int8=False)
    assert not list(folder.glob("onnx*"))
