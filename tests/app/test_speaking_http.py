"""What an RNN says, over HTTP and in the shell: how texts go on, what comes out, and its states."""

import json

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.cli import main
from app.main import create_app
from app.settings import Settings
from indexer.build import build_generation
from indexer.pretraining.rnn.folder import Outputs
from indexer.types import EncoderSettings, IndexSettings
from tests.app.sample import check_problem
from tests.indexer.encoders.rnn.network import architecture, write_network
from tests.library import CATS_AND_DOGS, HASHING, new_catalogue, store

WORDS = "/v1/indexes/words"
BARE = "/v1/indexes/bare"


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("data")
    speaking, bare = tmp_path_factory.mktemp("speaking"), tmp_path_factory.mktemp("bare")
    outputs = Outputs("classification", "kind", False, ["cat", "dog"])
    write_network(speaking, architecture(speaks=True, outputs=2, pooling="attention"), outputs)
    write_network(bare, architecture(pooling="last"))
    documents = [*CATS_AND_DOGS, {"id": "4", "title": "ship1 ship2", "text": "ship1 ship3"}]
    with new_catalogue(data_dir) as catalogue:
        for index, folder in (("words", speaking), ("bare", bare)):
            rnn = EncoderSettings(type="rnn", options={"model": str(folder)})
            store(catalogue, index, documents, IndexSettings(encoders={**HASHING.encoders, "rnn": rnn}))
            build_generation(catalogue, data_dir, index)
    return data_dir


@pytest.fixture(scope="module")
def client(data_dir):
    with TestClient(create_app(Settings(data_dir=data_dir))) as opened:
        yield opened


def test_a_text_goes_on_in_each_way(client):
    body = {"text": "ship1", "length": 4}
    [greedy] = client.post(f"{WORDS}/generate", json=body).json()["continuations"]
    assert greedy["text"] == " ".join(greedy["words"])
    assert greedy["log_probability"] < 0
    beam = client.post(f"{WORDS}/generate", json={**body, "method": "beam", "beams": 3}).json()
    assert (beam["encoder"], beam["text"], len(beam["continuations"])) == ("rnn", "ship1", 3)
    assert beam["continuations"][0]["log_probability"] >= greedy["log_probability"]
    sample = {**body, "method": "sample", "top_k": 3, "temperature": 2.0, "seed": 9}
    drawn = [client.post(f"{WORDS}/generate", json=sample).json() for _ in range(2)]
    assert drawn[0] == drawn[1]
    for bad, pointer in (
        ({"method": "poem"}, "/method"),
        ({"length": 0}, "/length"),
        ({"temperature": 0}, "/temperature"),
        ({"beams": 33}, "/beams"),
        ({"top_k": 0}, "/top_k"),
        ({"encoder": "nowhere"}, "/encoder"),
    ):
        code = "unknown_encoder" if "encoder" in bad else "invalid_request"
        check_problem(client.post(f"{WORDS}/generate", json={**body, **bad}), 422, code, pointer)
    lacking = "feature_not_in_model"
    problem = check_problem(client.post(f"{BARE}/generate", json=body), 409, lacking)
    assert "objective=language" in problem["detail"]
    check_problem(client.post(f"{WORDS}/generate", json={**body, "encoder": "hashing"}), 409, lacking)
    check_problem(client.post("/v1/indexes/nowhere/generate", json=body), 404, "index_not_found")


def test_what_comes_out_at_each_word_and_of_the_text(client):
    answer = client.post(f"{WORDS}/outputs", json={"text": "ship1 unheard", "limit": 2}).json()
    assert [each["token"] for each in answer["steps"]] == ["[BOS]", "ship1", "unheard"]
    assert [len(each["next_word"]) for each in answer["steps"]] == [2, 2, 2]
    assert (answer["field"], answer["value"], answer["left_out"]) == ("kind", None, 0)
    assert {each["name"] for each in answer["labels"]} == {"cat", "dog"}
    assert sum(each["probability"] for each in answer["labels"]) == pytest.approx(1)
    check_problem(client.post(f"{WORDS}/outputs", json={"text": ""}), 422, "empty_text", "/text")
    check_problem(client.post(f"{BARE}/outputs", json={"text": "ship1"}), 409, "feature_not_in_model")


def test_states_attention_and_shares_are_features(client):
    states = client.post(f"{WORDS}/hidden-states", json={"text": "ship1 ship2", "layer": 1}).json()
    assert [each["token"] for each in states["tokens"]] == ["[BOS]", "ship1", "ship2"]
    assert np.array(states["values"]).shape == (3, 8)
    attention = client.post(f"{WORDS}/attention", json={"text": "ship1 ship2", "layer": 0, "head": 0}).json()
    [row] = attention["values"]
    assert (row[0], sum(row)) == (0.0, pytest.approx(1))
    lacking = "feature_not_in_model"
    body = {"text": "ship1", "layer": 0, "head": 0}
    check_problem(client.post(f"{BARE}/attention", json=body), 409, lacking)
    body = {"text": "ship1", "layer": 2}
    check_problem(client.post(f"{WORDS}/hidden-states", json=body), 422, "unknown_layer", "/layer")
    check_problem(client.post(f"{WORDS}/fill-mask", json={"text": "ship1 [MASK]"}), 409, lacking)
    check_problem(client.post(f"{WORDS}/fill-mask", json={"text": "ship1", "encoder": "rnn"}), 409, lacking)
    feature = client.get(f"{WORDS}/documents/4/features/rnn").json()
    weights = [each["weight"] for each in feature["tokens"]]
    assert (feature["dims"], len(weights)) == (8, 4)
    text = "ship1 ship2\nship1 ship3"  # the fields are one text
    [row] = client.post(f"{WORDS}/attention", json={"text": text, "layer": 0, "head": 0}).json()["values"]
    np.testing.assert_allclose(np.array(weights) / sum(weights), row[1:], atol=1e-5)
    senses = client.post(f"{WORDS}/senses", json={"word": "ship1", "texts": ["ship1", "ship2 ship1"]}).json()
    assert senses["cosines"][0] == pytest.approx(1, abs=1e-6)
    assert senses["cosines"][1] < 0.9999


def test_a_score_is_split_into_pairs_of_words_or_is_one_part(client):
    body = {"q": "ship1 ship3", "retrievers": ["rnn"], "explain": "full"}
    [hit] = [each for each in client.post(f"{WORDS}/search", json=body).json()["hits"] if each["id"] == "4"]
    [part] = hit["parts"]
    assert {each["name"] for each in part["parts"]} - {"(rounding)"} == {"ship1", "ship3"}
    assert sum(each["value"] for each in part["parts"]) == pytest.approx(part["value"], abs=1e-9)
    [hit] = [each for each in client.post(f"{BARE}/search", json=body).json()["hits"] if each["id"] == "4"]
    assert hit["parts"][0]["parts"][0]["name"] == "(whole text)"


def test_a_network_that_has_not_learned_to_retrieve_counts_nothing_beside_others(client):
    for index, counts in ((WORDS, False), (BARE, True)):  # of labels, and contrastive
        body = {"q": "ship1", "retrievers": ["bm25", "rnn"]}
        [hit] = [
            each for each in client.post(f"{index}/search", json=body).json()["hits"] if each["id"] == "4"
        ]
        [part] = [each for each in hit["parts"] if each["name"] == "rnn"]
        assert (part["contribution"] != 0) == counts
        assert part["rank"] is not None


def test_the_shell_shows_the_same(data_dir, client, capfd, monkeypatch):
    monkeypatch.setenv("TEXTPRISM_DATA_DIR", str(data_dir))

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit):
            main(arguments)
        return str(capfd.readouterr().out)

    options = ["--method", "beam", "--length", "4", "--beams", "3"]
    answer = json.loads(run("generate", "words", "ship1", *options, "--json"))
    body = {"text": "ship1", "length": 4, "method": "beam", "beams": 3}
    assert answer == client.post(f"{WORDS}/generate", json=body).json()
    assert "ship1 … " in run("generate", "words", "ship1")
    answer = json.loads(run("outputs", "words", "ship1", "--limit", "2", "--json"))
    assert answer == client.post(f"{WORDS}/outputs", json={"text": "ship1", "limit": 2}).json()
    told = run("outputs", "words", "ship1")
    assert "[BOS]" in told
    assert "kind: " in told
