"""Model folders: what is read from them, and which are refused."""

import json

import numpy as np
import pytest

from indexer.encoders import check_encoder, make_encoder
from indexer.encoders.bert.folder import Prompts, read_folder
from indexer.errors import InputError
from indexer.types import EncoderSettings
from tests.indexer.encoders.bert.tiny import LENGTH, TOKENS, graph, tokenizer, weights, write_folder
from tests.indexer.encoders.corpora import analyse

CONFIG = {
    "model_type": "bert",
    "hidden_size": 16,
    "vocab_size": len(TOKENS),
    "max_position_embeddings": LENGTH,
}
PIXELS = ("input_ids", "attention_mask", "pixels")
NAN = {"words": np.full_like(weights()["words"], np.nan)}


def make(folder, **options):
    return make_encoder("bert", [], {"model": str(folder), **options}, analyse)


def test_a_folder_says_how_texts_are_read(tmp_path):
    write_folder(
        tmp_path,
        {
            "1_Pooling/config.json": {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False},
            "sentence_bert_config.json": {"max_seq_length": 20},
            "config_sentence_transformers.json": {"prompts": {"query": "query: ", "passage": "passage: "}},
            "modules.json": json.dumps([{"type": "sentence_transformers.models.Transformer"}]),
        },
    )
    found = read_folder(tmp_path)
    assert (found.pooling, found.max_length, found.dims) == ("cls", 20, 16)
    assert found.prompts == Prompts("query: ", "passage: ")


def test_a_folder_that_says_nothing_is_read_by_the_mean_without_prompts(tmp_path):
    found = read_folder(write_folder(tmp_path, {"1_Pooling/config.json": None}))
    assert (found.pooling, found.max_length, found.prompts) == ("mean", LENGTH, Prompts("", ""))


def test_positions_of_some_families_begin_behind_the_padding(tmp_path):
    write_folder(tmp_path, {"config.json": {**CONFIG, "model_type": "xlm-roberta"}})
    assert read_folder(tmp_path).max_length == LENGTH - 2


def test_options_stand_above_the_folder_and_int8_above_float(tmp_path):
    write_folder(tmp_path, {"onnx/model_quantized.onnx": graph(quantised=True)})
    assert make(tmp_path).settings.graph == "model_quantized.onnx"
    said = make(tmp_path, precision="float", pooling="max", max_length=9, query_prompt="query: ").settings
    assert (said.graph, said.pooling, said.max_length) == ("model.onnx", "max", 9)
    assert (said.query_prompt, said.document_prompt) == ("query: ", "")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"config.json": None}, "wanted `config.json`; found none"),
        ({"config.json": "{"}, "`config.json` cannot be read"),
        ({"config.json": "[]"}, "`config.json` wants a JSON object"),
        ({"config.json": {**CONFIG, "hidden_size": "16"}}, "`hidden_size`; found '16'"),
        ({"config.json": {**CONFIG, "hidden_size": 24}}, "gives vectors of shape (16,), by `hidden_size`"),
        ({"config.json": {**CONFIG, "vocab_size": 50}}, "tokens, by `vocab_size` of `config.json`"),
        ({"config.json": {**CONFIG, "vocab_size": 5000}}, "tokens, by `vocab_size` of `config.json`"),
        ({"tokenizer.json": None}, "wanted `tokenizer.json`"),
        ({"tokenizer.json": "{}"}, "`tokenizer.json` is no tokenizer"),
        ({"tokenizer.json": b"\xff"}, "`tokenizer.json` cannot be read"),
        ({"modules.json": '[{"type": "a.b.Dense"}]'}, "a module `Dense`"),
        ({"modules.json": "{}"}, "`modules.json` wants a JSON array"),
        ({"1_Pooling/config.json": {"pooling_mode_lasttoken": True}}, "wants pooling_mode_lasttoken"),
        ({"sentence_bert_config.json": {"max_seq_length": 99}}, "wants texts of 99 tokens"),
        ({"config_sentence_transformers.json": {"prompts": {"query": 5}}}, "`prompts` wants texts by name"),
        ({"onnx/model.onnx": None}, "found no weights"),
        ({"onnx/model.onnx": None, "pytorch_model.bin": b"\x80"}, "`pytorch_model.bin`, a pickle"),
        ({"onnx/model.onnx": None, "model.safetensors": b""}, "`textprism models convert`"),
        ({"onnx/model.onnx": b""}, "`model.onnx` is no graph"),
        ({"onnx/model.onnx": b"no graph"}, "`model.onnx` is no graph"),
        ({"onnx/model.onnx": graph(inputs=PIXELS)}, "input_ids, attention_mask, pixels"),
        ({"onnx/model.onnx": graph(["logits"])}, "gives logits; wanted is last_hidden_state"),
        ({"onnx/model.onnx": graph(given=NAN)}, "not finite, as weights with NaN do"),
    ],
)  # fmt: skip
def test_a_folder_that_cannot_be_used_is_refused_by_file_and_expectation(tmp_path, files, told):
    write_folder(tmp_path, files)
    with pytest.raises(InputError) as caught:
        make(tmp_path)
    assert told in caught.value.message
    assert str(tmp_path) in caught.value.message
    assert caught.value.code == "bad_model_folder"


def test_a_model_without_types_of_tokens_is_read_too(tmp_path):
    write_folder(tmp_path, {"onnx/model.onnx": graph(inputs=("input_ids", "attention_mask"))})
    assert make(tmp_path).encode(["ship"])[0].vector is not None


def test_settings_are_refused_where_the_folder_is_wrong(tmp_path):
    for model in (str(tmp_path / "nowhere"), str(write_folder(tmp_path / "half", {"onnx/model.onnx": None}))):
        with pytest.raises(InputError) as caught:
            check_encoder(EncoderSettings(type="bert", options={"model": model}))
        assert (caught.value.code, caught.value.pointer) == ("bad_model_folder", "/options/model")


def test_a_window_longer_than_the_model_reads_is_refused(tmp_path):
    with pytest.raises(InputError, match="reads 32 tokens at once") as caught:
        make(write_folder(tmp_path), max_length=33)
    assert caught.value.pointer == "/max_length"


def test_a_name_of_the_hub_that_is_not_here_is_told_so():
    with pytest.raises(InputError, match="give the path of a folder"):
        make("nobody-has-this/no-such-model")


def test_a_rounded_up_vocabulary_is_no_other_one(tmp_path):
    more = len(TOKENS) + 35
    write_folder(tmp_path, {"config.json": {**CONFIG, "vocab_size": more}})
    assert make(tmp_path).settings.vocabulary == more
    assert tokenizer().get_vocab_size() == len(TOKENS)
