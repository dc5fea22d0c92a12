"""The cosine of two texts as a sum over pairs of their words."""

import shutil

import numpy as np
import pytest

from app.search.engines import Engines
from app.search.request import search_request
from app.search.retrieval.pairs import MOST_PAIRS, OTHER_WORDS, QUANTISATION, ROUNDING, pair_parts
from app.search.searcher import search
from indexer.build import build_generation
from indexer.database import Catalogue
from indexer.encoders import TokenVector
from indexer.types import SCORE_UNIT, EncoderSettings, IndexSettings
from tests.app.sample import sample
from tests.library import new_catalogue, store


def token(term, vector, weight):
    return TokenVector(term, 0, 0, None if vector is None else np.array(vector, np.float32), weight)


def test_worked_example():
    """q = ½·(1,0) + ½·(0,1), d = 1·(0,1): cat beside fish is ½·1·((1,0)·(0,1)) = 0, dog beside it ½."""
    query = [token("cat", [1, 0], 0.5), token("dog", [0, 1], 0.5), token("zzz", None, 0.0)]
    parts = pair_parts(query, [token("fish", [0, 1], 1.0)], SCORE_UNIT // 2, SCORE_UNIT // 2)
    assert [(each.name, each.value, [(pair.name, pair.value) for pair in each.parts]) for each in parts] == [
        ("cat", 0.0, [("fish", 0.0)]),
        ("dog", 0.5, [("fish", 0.5)]),
    ]


def test_a_repeated_word_is_one_and_many_words_are_named_together():
    document = [token(str(number % 9), [1, 0], 0.01 * (number % 9)) for number in range(18)]
    part, *_ = pair_parts([token("a", [1, 0], 1.0)], document, 754_975, 754_975)
    assert [each.name for each in part.parts] == ["8", "7", "6", "5", "4", OTHER_WORDS]
    assert part.parts[0].value == pytest.approx(0.16, abs=1e-6)
    assert part.parts[-1].details == {"words": 4}
    assert part.value == sum(each.value for each in part.parts)


def test_what_compression_and_rounding_leave_are_parts_of_their_own():
    parts = pair_parts([token("a", [1, 0], 1.0)], [token("b", [1, 0], 1.0)], SCORE_UNIT - 7, SCORE_UNIT + 2)
    assert [(each.name, each.value * SCORE_UNIT) for each in parts[1:]] == [(ROUNDING, 2), (QUANTISATION, -9)]


ENCODERS = {
    "word2vec": EncoderSettings(type="word2vec", options={"epochs": 2, "dims": 32}),
    "fasttext": EncoderSettings(type="fasttext", options={"epochs": 2, "dims": 32}),
    "weighted": EncoderSettings(type="word2vec", options={"epochs": 1}, fields={"text": 1.0, "title": 2.5}),
    "hashing": EncoderSettings(type="hashing"),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pairs")
    with new_catalogue(folder) as catalogue:
        store(catalogue, "news", sample(), IndexSettings(encoders=ENCODERS))
        build_generation(catalogue, folder, "news")
        yield catalogue, folder


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("query", ["猫 喜欢 吃什么", "sourdough 发酵 temperature", "river bank riverr"])
def test_pairs_sum_to_the_word_and_words_to_the_score(built, name, query):
    catalogue, folder = built
    engine = Engines(catalogue, folder).get("news")
    result = search(catalogue, engine, search_request(q=query, retrievers=[name], explain="full", limit=30))
    assert result.hits
    for hit in result.hits:
        [part] = hit.parts or ()
        units = [round(each.value * SCORE_UNIT) for each in part.parts]
        assert sum(units) == round(hit.score * SCORE_UNIT)
        for word in part.parts:
            if word.name == ROUNDING:
                assert abs(word.value) < 1e-3
                continue
            assert word.parts
            assert len(word.parts) <= MOST_PAIRS + 1
            assert sum(round(each.value * SCORE_UNIT) for each in word.parts) == round(
                word.value * SCORE_UNIT
            )


def test_of_a_document_that_has_changed_since_only_the_words_of_the_query_are_told(built, tmp_path):
    folder = shutil.copytree(built[1], tmp_path / "data")
    with Catalogue.open(folder) as catalogue:
        engine = Engines(catalogue, folder).get("news")
        request = search_request(q="猫 喜欢 吃什么", retrievers=["word2vec"], explain="full", limit=2)
        before = search(catalogue, engine, request)
        changed = before.hits[0].id
        store(catalogue, "news", [{"id": changed, "title": "other", "text": "words"}])
        after = search(catalogue, engine, request)
    [one], [other] = before.hits[0].parts or (), after.hits[0].parts or ()
    words = [(each.name, round(each.value, 4)) for each in one.parts if each.name != ROUNDING]
    assert [(each.name, round(each.value, 4)) for each in other.parts if each.name != ROUNDING] == words
    assert all(each.parts for each in one.parts if each.name != ROUNDING)
    assert not any(each.parts for each in other.parts)
    assert after.hits[1].parts == before.hits[1].parts
