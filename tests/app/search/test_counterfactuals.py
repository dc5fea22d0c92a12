"""What each word and each retriever does to the first hits."""

import pytest

from app.search.agreement import rank_biased_overlap
from app.search.counterfactuals import MOST_TERMS, counterfactuals
from app.search.engines import Engines
from app.search.query import parse, render, without_each
from app.search.request import search_request
from app.search.searcher import search
from indexer.analysis import Analyzer
from indexer.build import build_generation
from indexer.types import AnalysisSettings
from tests.app.sample import sample
from tests.library import new_catalogue, store


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    folder = tmp_path_factory.mktemp("counterfactuals")
    with new_catalogue(folder) as catalogue:
        store(catalogue, "news", sample())
        build_generation(catalogue, folder, "news")
        yield catalogue, Engines(catalogue, folder).get("news")


def ids(opened, **given):
    catalogue, engine = opened
    return [hit.id for hit in search(catalogue, engine, search_request(**given)).hits]


def effects(opened, **given):
    catalogue, engine = opened
    return counterfactuals(catalogue, engine, search_request(**given))


@pytest.mark.parametrize(
    ("q", "without"),
    [
        ("river bank river", [("river", "bank"), ("bank", "river river")]),
        ("机器学习 bank", [("机器", "学习 bank"), ("学习", "机器 bank"), ("bank", "机器学习")]),
        ('"river bank" fish -dog', [('"river bank"', "fish -dog"), ("fish", '"river bank" -dog')]),
        ("title:(river bank)^2", [("river", "title:bank^2"), ("bank", "title:river^2")]),
        ("+fish riv*", [("riv*", "+fish"), ("fish", "riv*")]),
        ("fish", [("fish", None)]),
        ("!!!", []),
    ],
)
def test_a_query_without_each_of_its_words(q, without):
    tree = parse(q, ["title", "text"]).tree
    found = without_each(tree, Analyzer(AnalysisSettings()))
    assert [(term, None if rest is None else render(rest)) for term, rest in found] == without


def test_the_effects_are_those_of_the_searches(opened):
    given = {"q": "river bank 河岸 fish", "limit": 10}
    found = effects(opened, **given)
    first = ids(opened, **given)
    assert [each.term for each in found.terms] == ["river", "bank", "河岸", "fish"]
    for each in found.terms:
        after = ids(opened, **{**given, "q": each.q})
        assert each.overlap == rank_biased_overlap(first, after)
        assert each.lost == [doc_id for doc_id in first if doc_id not in after]
    assert [each.id for each in found.hits] == first
    for hit in found.hits:
        assert hit.terms == [each.term for each in found.terms if hit.id in each.lost]
    assert any(hit.terms for hit in found.hits)
    for effect, other in zip(found.retrievers, ("hashing", "bm25"), strict=True):
        after = ids(opened, **given, retrievers=[other])
        assert (effect.without, effect.changed) == (rank_biased_overlap(first, after), after != first)
        alone = ids(opened, **given, retrievers=[effect.name])
        assert effect.alone == rank_biased_overlap(first, alone)


def test_without_the_only_word_and_the_only_retriever_nothing_is_left(opened):
    found = effects(opened, q="bank", retrievers=["bm25"])
    [term] = found.terms
    [retriever] = found.retrievers
    assert (term.q, term.overlap, term.lost) == (None, 0.0, [each.id for each in found.hits])
    assert (retriever.without, retriever.alone, retriever.changed) == (None, 1.0, True)


def test_weights_of_retrievers_that_are_left_out_are_left_out(opened):
    given = {
        "q": "river bank",
        "retrievers": ["bm25", "hashing"],
        "fusion": {"method": "rrf", "weights": {"bm25": 1, "hashing": 0}},
    }
    found = effects(opened, **given)
    assert [(each.name, each.changed) for each in found.retrievers] == [("bm25", True), ("hashing", False)]


def test_an_empty_query_and_what_is_like_a_document_have_no_words(opened):
    assert effects(opened, q="").terms == []
    alike = effects(opened, like=sample()[0]["id"])
    assert alike.terms == []
    assert len(alike.hits) == 10


def test_of_many_words_the_first_are_left_out_and_that_is_said(opened):
    found = effects(opened, q=" ".join(f"w{number}" for number in range(40)))
    assert len(found.terms) == MOST_TERMS
    assert f"The first {MOST_TERMS} of 40 words were left out in turn." in found.warnings
