"""Reranking and answering over HTTP, by tiny models whose numbers are known."""

import math

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from indexer.build import build_generation
from indexer.encoders import KeptModels, PairModels
from tests.app.sample import check_problem
from tests.indexer.encoders.bert.tiny import DIMS, TOKENS, graph, write_folder
from tests.library import CATS_AND_DOGS, HASHING, new_catalogue, store

SEARCH = "/v1/indexes/pets/search"
TEXTS = ["bank", "猫 bank", "ship"]


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A data folder with an index, and no kept model."""
    data_dir = tmp_path_factory.mktemp("data")
    with new_catalogue(data_dir) as catalogue:
        store(catalogue, "pets", CATS_AND_DOGS, HASHING)
        build_generation(catalogue, data_dir, "pets")
    return data_dir


@pytest.fixture(scope="module")
def client(empty):
    with TestClient(create_app(Settings(data_dir=empty))) as opened:
        problem = check_problem(
            opened.post("/v1/rerank", json={"query": "ship", "texts": TEXTS}), 409, "feature_not_in_model"
        )
        assert "textprism train INDEX reranker" in problem["detail"]
        answer = opened.post("/v1/indexes/pets/answer", json={"q": "What do cats like?"}).json()
        assert (answer["by"], answer["model"]) == ("sentence", "hashing")
        [best, *_] = answer["answers"]
        assert (best["id"], best["field"], best["text"]) == ("3", "text", "Cats like fish, dogs do not.")
        assert 0 < best["score"] <= 1
        models = KeptModels(empty)
        for name, outputs in (("reranker", ["logits"]), ("reader", ["start_logits", "end_logits"])):
            folder = write_folder(empty.parent / name, {"onnx/model.onnx": graph(outputs)})
            models.keep_folder(f"pets-{name}", name, folder, DIMS, len(TOKENS), {})
        yield opened


@pytest.fixture(scope="module")
def models(client, empty):
    return PairModels(KeptModels(empty))


def test_texts_are_ranked_as_text_embeddings_inference_does(client, models):
    logits = models.reranker()[1].scores("ship", TEXTS).tolist()
    order = sorted(range(3), key=lambda place: -logits[place])
    found = client.post("/v1/rerank", json={"query": "ship", "texts": TEXTS}).json()
    assert [each["index"] for each in found] == order
    assert [each["score"] for each in found] == pytest.approx([1 / (1 + math.exp(-logits[n])) for n in order])
    body = {
        "query": "ship",
        "texts": TEXTS,
        "raw_scores": True,
        "return_text": True,
        "model": "pets-reranker@1",
    }
    raw = client.post("/v1/rerank", json=body).json()
    assert [each["score"] for each in raw] == pytest.approx([logits[n] for n in order])
    assert [each["text"] for each in raw] == [TEXTS[n] for n in order]


def test_a_search_is_reranked_by_a_cross_encoder(client, models):
    rerank = {"by": "cross_encoder", "weight": 1}
    body = {"q": "cats 猫 fish", "retrievers": ["bm25"], "rerank": rerank, "explain": "parts"}
    hits = client.post(SEARCH, json=body).json()["hits"]
    texts = {each["id"]: f"{each['title']}\n{each['text']}" for each in CATS_AND_DOGS}
    logits = dict(zip(texts, models.reranker()[1].scores("cats 猫 fish", list(texts.values())), strict=True))
    assert [hit["id"] for hit in hits] == sorted((hit["id"] for hit in hits), key=lambda each: -logits[each])
    for hit in hits:
        [part] = [each for each in hit["parts"] if each["name"] == "cross_encoder"]
        assert part["value"] == pytest.approx(1 / (1 + math.exp(-logits[hit["id"]])), abs=1e-5)


def test_an_answer_is_a_piece_of_a_document(client, models):
    body = {"q": "cats 猫", "limit": 2, "documents": 3, "retrievers": ["bm25"]}
    answer = client.post("/v1/indexes/pets/answer", json=body).json()
    assert (answer["by"], answer["model"], answer["generation"]) == ("reader", "pets-reader@1", "gen-000001")
    scores = [each["score"] for each in answer["answers"]]
    assert scores == sorted(scores, reverse=True)
    fields = {each["id"]: each for each in CATS_AND_DOGS}
    for each in answer["answers"]:
        text = fields[each["id"]][each["field"]]
        assert text[each["start"] : each["end"]] == each["text"]
        span = models.reader()[1].answer("cats 猫", text)
        assert (span.start, span.end, span.probability) == (each["start"], each["end"], each["score"])


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "pointer"),
    [
        ("rerank", {"query": "x", "texts": ["x"], "model": "nothing"}, 404, "model_not_found", None),
        (
            "rerank",
            {"query": "x", "texts": ["x"], "model": "pets-reader"},
            422,
            "model_of_another_type",
            "/model",
        ),
        ("rerank", {"query": "x", "texts": []}, 422, "invalid_request", None),
        (
            "indexes/pets/answer",
            {"q": "x", "reader": "pets-reranker"},
            422,
            "model_of_another_type",
            "/reader",
        ),
        ("indexes/pets/answer", {"q": ""}, 422, "invalid_request", None),
        ("indexes/none/answer", {"q": "x"}, 404, "index_not_found", None),
        (
            "indexes/pets/search",
            {"q": "x", "rerank": {"by": "cross_encoder", "model": "pets-reader"}},
            422,
            "model_of_another_type",
            "/rerank/model",
        ),
        (
            "indexes/pets/search",
            {"q": "x", "rerank": {"by": "proximity", "model": "m"}},
            422,
            "invalid_input",
            None,
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(client, path, body, status, code, pointer):
    check_problem(client.post(f"/v1/{path}", json=body), status, code, pointer)
