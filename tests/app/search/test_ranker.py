"""What the default fusion makes of lists that know little, and which documents are counted."""

import pytest

from app.search.engines import Engines
from app.search.listing import question_of
from app.search.ranker import Ranker
from app.search.request import search_request
from indexer.build import build_generation
from indexer.generation import Generation
from tests.library import new_catalogue, store

ENGLISH = [
    {"id": "1", "title": "Wings", "text": "The boundary layer of a thin wing at high speed."},
    {"id": "2", "title": "Heat", "text": "Heat flows through the boundary of a plate."},
    {"id": "3", "title": "Speed", "text": "A wing at low speed stalls."},
    {"id": "4", "title": "Pipes", "text": "Flow in pipes and plates."},
]


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    folder = tmp_path_factory.mktemp("ranker")
    with new_catalogue(folder) as catalogue:
        store(catalogue, "wings", ENGLISH)
        build_generation(catalogue, folder, "wings")
        return Engines(catalogue, folder).get("wings").generation


def ranker(generation: Generation, query: str, **given: object) -> Ranker:
    request = search_request(q=query, **given)
    return Ranker(generation, request, question_of(generation, request))


def weights(generation: Generation, query: str) -> dict[str, float]:
    fusion = ranker(generation, query).fusion
    assert fusion is not None
    return fusion.weights


def test_lists_that_know_the_query_count_in_full(generation: Generation) -> None:
    assert weights(generation, "boundary layer") == {"bm25": 1.0, "hashing": 0.3}


def test_a_list_that_knows_nothing_of_the_query_counts_nothing(generation: Generation) -> None:
    assert weights(generation, "机器学习如何改变搜索")["bm25"] == 0.0


def test_a_list_that_knows_one_word_of_many_counts_little(generation: Generation) -> None:
    mixed = weights(generation, "机翼 wing 的升力与阻力如何计算")
    assert 0.0 < mixed["bm25"] < 0.2
    # The two known terms of three are more than half of what the query says.
    assert weights(generation, "wing speed xyzzy")["bm25"] > 0.5


def test_where_no_list_knows_anything_there_is_an_answer(generation: Generation) -> None:
    request = {"retrievers": ["bm25", "lm"]}
    empty = ranker(generation, "机器学习", **request)
    assert empty.fusion is not None
    assert empty.fusion.weights == {"bm25": 1.0, "lm": 1.0}
    assert len(empty.rank(lambda _: []).fused.ordinals) == 0


def test_a_fusion_that_is_named_is_taken_as_it_is(generation: Generation) -> None:
    named = ranker(generation, "机器学习 wing", fusion="linear")
    assert named.fusion is not None
    assert named.fusion.weights == {}


def test_matches_are_those_of_the_lexical_lists_and_the_candidates_of_the_others(
    generation: Generation,
) -> None:
    both = ranker(generation, "wing", over="matches", retrievers=["bm25", {"name": "hashing", "depth": 1}])
    assert both.rank(lambda _: []).counted.tolist() == [0, 2]
    alone = ranker(generation, "wing", over="matches", retrievers=[{"name": "hashing", "depth": 1}])
    assert len(alone.rank(lambda _: []).counted) == 1
    excluded = ranker(generation, "wing -low", over="matches", retrievers=["bm25"])
    assert excluded.rank(lambda _: []).counted.tolist() == [0]
