"""Why a document is a hit of an encoder that reads texts."""

import pytest

from app.search.query import parse
from app.search.retrieval.dense import WEIGHTS, DenseRetriever
from app.search.retrieval.question import Question
from indexer.build import build_generation
from indexer.generation import Generation, IndexFolder
from indexer.types import SCORE_UNIT, EncoderSettings, IndexSettings
from tests.indexer.encoders.bert.tiny import write_folder
from tests.library import new_catalogue, store

DOCUMENTS = [
    {"id": "a", "title": "Ship", "text": "a bank 猫"},
    {"id": "b", "title": "", "text": "狗 " * 100},
    {"id": "c", "title": "bank", "text": "ship ship 船"},
]


@pytest.mark.parametrize("options", [{}, {"windows": "mean"}, {"pooling": "cls"}, {"pooling": "max"}])
def test_the_parts_of_a_score_are_pairs_of_tokens_and_sum_to_it(tmp_path, options):
    """For the mean; any other pooling is one opaque part, which says so."""
    model = {"model": str(write_folder(tmp_path / "model")), **options}
    settings = IndexSettings(encoders={"bert": EncoderSettings(type="bert", options=model)})
    with new_catalogue(tmp_path) as catalogue:
        store(catalogue, "news", DOCUMENTS, settings)
        build_generation(catalogue, tmp_path, "news")
        folder = IndexFolder(tmp_path, "news")
        generation = Generation.open(folder.path / folder.current())
        stored = [catalogue.documents.get("news", each["id"]) for each in DOCUMENTS]
    question = Question(generation, parse("ship 狗", ["title", "text"]))
    retriever = DenseRetriever("bert", generation.dense["bert"], question, None)
    assert (retriever.weight, retriever.confidence, retriever.warnings) == (WEIGHTS["bert"], 1.0, [])
    ranking = retriever.rank(10)
    scores = dict(zip(ranking.ordinals.tolist(), ranking.scores.tolist(), strict=True))
    assert sorted(scores) == [0, 1, 2]
    wanted = {"(whole text)"} if "pooling" in options else {"[CLS]", "ship", "狗", "[SEP]"}
    for ordinal, parts in enumerate(retriever.parts([0, 1, 2], stored)):
        assert sum(part.value for part in parts) == scores[ordinal] / SCORE_UNIT
        words = [part for part in parts if part.parts]
        assert {part.name for part in words} == wanted
        for part in words:
            assert sum(inner.value for inner in part.parts) == part.value
            assert part.details == ({"opaque": True} if "pooling" in options else {})


def test_a_query_longer_than_a_window_says_what_is_left_out(tmp_path):
    model = {"model": str(write_folder(tmp_path / "model"))}
    settings = IndexSettings(encoders={"bert": EncoderSettings(type="bert", options=model)})
    with new_catalogue(tmp_path) as catalogue:
        store(catalogue, "news", DOCUMENTS, settings)
        build_generation(catalogue, tmp_path, "news")
        folder = IndexFolder(tmp_path, "news")
        generation = Generation.open(folder.path / folder.current())
    question = Question(generation, parse("猫 " * 40, ["title", "text"]))
    retriever = DenseRetriever("bert", generation.dense["bert"], question, None)
    assert retriever.warnings == ["`bert` reads the beginning of the query; 10 tokens are left out."]
