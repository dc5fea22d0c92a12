"""Words where they stand, and vectors of any texts, over HTTP: by a tiny BERT whose numbers are known."""

from base64 import b64decode

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from indexer.build import build_generation
from indexer.encoders import make_encoder
from indexer.types import EncoderSettings, IndexSettings
from tests.app.sample import check_problem
from tests.indexer.encoders.bert.tiny import TOKENS, graph, hidden_by_hand, write_folder
from tests.indexer.encoders.corpora import analyse
from tests.library import CATS_AND_DOGS, HASHING, new_catalogue, store

LAYERS = ["hidden_states.0", "hidden_states.1", "attentions.0"]
HEADS = ["prediction_logits", "seq_relationship_logits"]
SHIPS = "/v1/indexes/ships"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    graphs = {"onnx/layers.onnx": graph(LAYERS), "onnx/heads.onnx": graph(HEADS)}
    return write_folder(tmp_path_factory.mktemp("model"), graphs)


@pytest.fixture(scope="module")
def client(tmp_path_factory, folder):
    data_dir = tmp_path_factory.mktemp("data")
    bare = write_folder(tmp_path_factory.mktemp("bare"))
    with new_catalogue(data_dir) as catalogue:
        for index, path in (("ships", folder), ("bare", bare)):
            bert = EncoderSettings(type="bert", options={"model": str(path)})
            settings = IndexSettings(encoders={**HASHING.encoders, "bert": bert})
            store(catalogue, index, CATS_AND_DOGS, settings)
            build_generation(catalogue, data_dir, index)
        store(catalogue, "words", CATS_AND_DOGS, HASHING)
        build_generation(catalogue, data_dir, "words")
    with TestClient(create_app(Settings(data_dir=data_dir))) as opened:
        yield opened


def test_one_word_in_two_contexts(client):
    body = {"word": "bank", "texts": ["Bank ship", "猫 bank"]}
    answer = client.post(f"{SHIPS}/senses", json=body).json()
    assert (answer["encoder"], answer["word"]) == ("bert", "bank")
    assert [(each["start"], each["end"]) for each in answer["contexts"]] == [(0, 4), (2, 6)]
    one = hidden_by_hand([2, TOKENS.index("bank"), TOKENS.index("ship"), 3])
    other = hidden_by_hand([2, TOKENS.index("猫"), TOKENS.index("bank"), 3])
    wanted = [
        np.dot(one[layer][1], other[layer][2])
        / np.linalg.norm(one[layer][1])
        / np.linalg.norm(other[layer][2])
        for layer in (0, 2)
    ]
    assert answer["cosines"] == pytest.approx(wanted, abs=1e-5)
    problem = client.post(f"{SHIPS}/senses", json={**body, "texts": ["bank", "river"]})
    check_problem(problem, 422, "word_not_in_text", "/texts/1")


def test_what_could_stand_at_a_mask(client):
    answer = client.post(f"{SHIPS}/fill-mask", json={"text": "ship [MASK]", "limit": 3}).json()
    [mask] = answer["masks"]
    assert (mask["start"], mask["end"], len(mask["tokens"])) == (5, 11, 3)
    chances = [each["probability"] for each in mask["tokens"]]
    assert chances == sorted(chances, reverse=True)
    assert {each["token"] for each in mask["tokens"]} <= {*TOKENS}
    check_problem(client.post(f"{SHIPS}/fill-mask", json={"text": "ship"}), 422, "no_mask", "/text")


def test_whether_a_text_follows_another(client):
    asked = [{"first": "ship", "second": "bank"}, {"first": "bank", "second": "ship"}]
    one, other = (client.post(f"{SHIPS}/next-sentence", json=each).json()["probability"] for each in asked)
    assert 0 < one < 1
    assert one != other
    long = {"first": "ship " * 20, "second": "ship " * 20}
    check_problem(client.post(f"{SHIPS}/next-sentence", json=long), 422, "too_large")


def test_the_vectors_of_a_layer_and_the_attention_of_a_head(client):
    into, attention, out = hidden_by_hand([2, TOKENS.index("ship"), TOKENS.index("猫"), 3])
    for layer, wanted in enumerate((into, out)):
        answer = client.post(f"{SHIPS}/hidden-states", json={"text": "Ship猫", "layer": layer}).json()
        np.testing.assert_allclose(answer["values"], wanted, atol=1e-5)
        assert [each["token"] for each in answer["tokens"]] == ["[CLS]", "ship", "猫", "[SEP]"]
        assert [(each["start"], each["end"]) for each in answer["tokens"]][1:3] == [(0, 4), (4, 5)]
    asked = {"text": "Ship猫", "layer": 0, "head": 0}
    answer = client.post(f"{SHIPS}/attention", json=asked).json()
    np.testing.assert_allclose(answer["values"], attention, atol=1e-5)
    problem = client.post(f"{SHIPS}/attention", json={**asked, "head": 1})
    check_problem(problem, 422, "unknown_head", "/head")
    problem = client.post(f"{SHIPS}/hidden-states", json={"text": "ship", "layer": 2})
    check_problem(problem, 422, "unknown_layer", "/layer")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("senses", {"word": "ship", "texts": ["ship", "ship"]}),
        ("fill-mask", {"text": "[MASK]"}),
        ("next-sentence", {"first": "ship", "second": "ship"}),
        ("hidden-states", {"text": "ship", "layer": 0}),
        ("attention", {"text": "ship", "layer": 0, "head": 0}),
    ],
)
def test_a_model_without_its_inside_says_how_to_get_it(client, path, body):
    problem = check_problem(client.post(f"/v1/indexes/bare/{path}", json=body), 409, "feature_not_in_model")
    assert "textprism models convert" in problem["detail"]
    problem = check_problem(client.post(f"/v1/indexes/words/{path}", json=body), 409, "feature_not_in_model")
    assert "no contextual encoder" in problem["detail"]
    other = {**body, "encoder": "hashing"}
    check_problem(client.post(f"{SHIPS}/{path}", json=other), 422, "unknown_encoder", "/encoder")


def test_texts_become_vectors_as_openai_gives_them(client, folder):
    encoder = make_encoder("bert", [], {"model": str(folder)}, analyse)
    texts = ["ship", "bank 猫"]
    answer = client.post("/v1/embeddings", json={"model": "ships/bert", "input": texts}).json()
    assert (answer["object"], answer["model"]) == ("list", "ships/bert")
    assert [(each["object"], each["index"]) for each in answer["data"]] == [
        ("embedding", 0),
        ("embedding", 1),
    ]
    for each, encoding in zip(answer["data"], encoder.encode(texts), strict=True):
        np.testing.assert_allclose(each["embedding"], np.array(encoding.vector), atol=1e-6)
    assert answer["usage"]["total_tokens"] == 3 + 4
    packed = {"model": "ships/bert", "input": "ship", "encoding_format": "base64", "input_type": "query"}
    [one] = client.post("/v1/embeddings", json=packed).json()["data"]
    vector = np.frombuffer(b64decode(one["embedding"]), "<f4")
    np.testing.assert_allclose(vector, np.array(encoder.encode_query("ship").vector), atol=1e-6)


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"model": "ships/word2vec", "input": "x"}, "unknown_model", "/model"),
        ({"model": "nowhere/bert", "input": "x"}, "unknown_model", "/model"),
        ({"model": "words/hashing", "input": ["cats", "…"]}, "no_vector", "/input/1"),
        ({"model": "words/hashing", "input": []}, "invalid_request", None),
        ({"model": "words/hashing", "input": ["x"] * 257}, "invalid_request", None),
    ],
)
def test_what_has_no_vector_is_refused(client, body, code, pointer):
    check_problem(client.post("/v1/embeddings", json=body), 422, code, pointer)
