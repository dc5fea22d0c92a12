"""Where a document falls, stage by stage, on a few documents that can be ranked by hand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.search.engines import Engine, Engines
from app.search.profiling import save_profile
from app.search.ranking import RankingSettings
from app.search.request import search_request
from app.search.searcher import search
from app.search.whynot import ExplainRequest, Explanation, explain
from indexer.build import build_generation
from indexer.database import Catalogue
from indexer.errors import InputError, MissingError
from tests.library import new_catalogue, store

DOCUMENTS = [
    {"id": "a", "text": "fish fish fish", "kind": "food", "year": 2020},
    {"id": "b", "text": "fish fish cat", "kind": "food", "year": 2021},
    {"id": "c", "text": "fish cat dog", "kind": "pet", "year": 2022},
    {"id": "d", "text": "fish cat dog bird tree", "kind": "pet", "year": 2023},
    {"id": "e", "text": "cloud", "kind": "sky", "year": 2024},
]
BM25 = {"retrievers": ["bm25"]}


class Library:
    """A catalogue with one index, and what is asked of it."""

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.engines = Engines(catalogue, folder)

    @property
    def engine(self) -> Engine:
        return self.engines.get("pond")

    def explain(self, doc_id: str, **given: Any) -> Explanation:
        request = ExplainRequest.model_validate({"id": doc_id, "limit": 2, **given})
        return explain(self.catalogue, self.engine, request)

    def ids(self, **given: Any) -> list[str]:
        request = search_request(**{"limit": 2, **given})
        return [hit.id for hit in search(self.catalogue, self.engine, request).hits]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("stages")
    with new_catalogue(folder) as catalogue:
        store(catalogue, "pond", DOCUMENTS)
        build_generation(catalogue, folder, "pond")
        yield Library(folder, catalogue)


def test_a_hit_says_so_and_proposes_nothing(library: Library) -> None:
    found = library.explain("b", q="fish", **BM25)
    assert (found.stage, found.rank, found.limit, found.changes) == ("hit", 2, 2, [])
    assert [each.id for each in found.above] == ["a"]
    [place] = found.lists
    assert (place.found, place.rank, place.weight) == ("listed", 2, None)
    assert {each.path for each in found.parts} == {"/bm25", "/bm25/words:fish"}


def test_a_filter_is_named_by_the_clause_that_fails(library: Library) -> None:
    found = library.explain("c", q="cat", filter="kind = food AND year >= 2020", **BM25)
    assert found.stage == "filtered"
    assert [(each.clause, each.passes) for each in found.filter] == [
        ("kind = food", False),
        ("year >= 2020", True),
    ]
    [change] = [each for each in found.changes if each.kind == "filter"]
    assert change.request == {"filter": "year >= 2020"}
    assert "c" in library.ids(q="cat", **BM25, **change.request)


def test_where_several_clauses_fail_the_filter_as_a_whole_is_left_out(library: Library) -> None:
    found = library.explain("c", q="cat", filter={"must": ["kind = food", "year = 1999"]}, **BM25)
    [change] = [each for each in found.changes if each.kind == "filter"]
    assert change.request == {"filter": None}


def test_the_filter_of_a_retriever_is_told_of_its_list(library: Library) -> None:
    given = {"q": "cat", "retrievers": [{"name": "bm25", "filter": "kind = food"}]}
    found = library.explain("c", **given)
    assert (found.stage, found.lists[0].found, found.filter[0].by) == ("filtered", "filtered", "bm25")
    [change] = [each for each in found.changes if each.kind == "filter"]
    assert change.request == {"retrievers": [{"name": "bm25"}]}


def test_an_operator_is_named_that_rules_it_out(library: Library) -> None:
    found = library.explain("c", q="cat -dog", **BM25)
    assert (found.stage, found.reason) == ("excluded", "It does not meet `-dog`.")
    [change] = [each for each in found.changes if each.kind == "operator"]
    assert change.request == {"q": "cat"}
    assert library.explain("a", q="fish +cat", **BM25).reason == "It does not meet `+cat`."


def test_without_a_term_of_the_query_one_of_its_own_is_proposed(library: Library) -> None:
    found = library.explain("e", q="fish", **BM25)
    assert (found.stage, found.lists[0].found, found.rank) == ("no_match", "no_match", None)
    [change] = found.changes
    assert (change.kind, change.request) == ("term", {"q": "fish cloud"})


def test_beyond_the_depth_the_exact_rank_is_told(library: Library) -> None:
    given = {"q": "fish", "limit": 4, "retrievers": [{"name": "bm25", "depth": 2}]}
    found = library.explain("d", **given)
    assert (found.stage, found.lists[0].rank, found.lists[0].of) == ("depth", 4, 4)
    [change] = [each for each in found.changes if each.kind == "depth"]
    assert change.request == {"retrievers": [{"name": "bm25", "depth": 4}]}
    assert change.rank == 4


def test_lost_in_fusion_the_weight_that_brings_it_up_is_the_nearest_one(library: Library) -> None:
    given = {
        "q": "fish fish fish cat dog",
        "retrievers": [
            {"name": "long", "type": "bow"},
            {"name": "short", "type": "bm25", "k1": 0.1, "k3": 0},
        ],
        "fusion": {"method": "linear", "weights": {"short": 0.01}},
        "limit": 1,
    }
    found = library.explain("c", **given)
    assert (found.stage, found.above[0].id, found.above[0].by) == ("fusion", "a", "long")
    [change] = [each for each in found.changes if each.kind == "weight"]
    weights = change.request["fusion"]["weights"]
    [name] = [each for each, weight in weights.items() if weight != {"long": 1, "short": 0.01}[each]]
    assert library.ids(**{**given, **change.request}) == ["c"]
    nearer = weights[name] + 0.02 * ({"long": 1, "short": 0.01}[name] - weights[name])
    fusion = {**change.request["fusion"], "weights": {**weights, name: nearer}}
    assert library.ids(**{**given, "fusion": fusion}) == ["a"]


def test_a_list_of_the_weight_0_brings_nothing(library: Library) -> None:
    given = {
        "q": "cloud",
        "retrievers": ["bm25", {"name": "dogs", "type": "bm25", "filter": "kind = pet"}],
        "fusion": {"method": "rrf", "weights": {"bm25": 0}},
    }
    found = library.explain("e", **given)
    assert (found.stage, found.lists[0].found) == ("weight", "listed")
    [change] = [each for each in found.changes if each.kind == "weight"]
    assert change.request["fusion"]["weights"]["bm25"] > 0


def test_a_reranker_has_its_window(library: Library) -> None:
    given = {"q": "fish", **BM25, "rerank": {"by": "proximity", "window": 2}, "limit": 3}
    found = library.explain("c", **given)
    assert (found.stage, [(each.step, each.rank) for each in found.steps]) == (
        "rerank",
        [("fusion", 3), ("rerank", None)],
    )
    [change] = [each for each in found.changes if each.kind == "window"]
    assert change.request["rerank"]["window"] == 3


def test_a_group_has_its_size_and_a_sort_its_order(library: Library) -> None:
    grouped = library.explain("b", q="fish", **BM25, group={"field": "kind", "size": 1})
    assert grouped.stage == "group"
    assert [each.request for each in grouped.changes if each.kind == "size"] == [
        {"group": {"field": "kind", "size": 2}}
    ]
    ordered = library.explain("a", q="fish", **BM25, sort=["year:desc"])
    assert (ordered.stage, ordered.above[0].by) == ("sort", "sort")
    assert {"sort": []} in [each.request for each in ordered.changes]


def test_a_match_that_is_no_candidate_is_one_where_all_matches_are_sorted(library: Library) -> None:
    given = {
        "q": "fish",
        "retrievers": [{"name": "bm25", "depth": 1}],
        "over": "matches",
        "sort": ["year:desc"],
    }
    found = library.explain("a", **given)
    assert (found.stage, found.rank) == ("sort", 4)
    first = library.explain("d", **given)
    assert (first.stage, first.rank, first.score) == ("hit", 1, 0.0)
    assert [(each.step, each.rank) for each in first.steps] == [("fusion", None), ("sort", 1)]


def test_what_is_like_the_hits_above_is_held_back(library: Library) -> None:
    given = {"q": "fish", **BM25, "diversity": {"relevance": 0.01, "encoder": "hashing"}}
    found = library.explain("b", **given)
    assert found.stage == "diversity"
    [change] = [each for each in found.changes if each.kind == "relevance"]
    assert change.request["diversity"]["relevance"] == 1.0


def test_what_must_not_match_is_told_where_nothing_ranks(library: Library) -> None:
    found = library.explain("a", q="-fish")
    assert (found.stage, found.reason, found.parts) == ("excluded", "It does not meet `-fish`.", [])


def test_an_empty_query_has_documents_by_id(library: Library) -> None:
    found = library.explain("d")
    assert (found.stage, found.rank, found.lists) == ("fusion", 4, [])
    assert found.reason.startswith("An empty query")
    assert "term" in [each.kind for each in found.changes]
    assert [each.by for each in found.above] == ["(tie)", "(tie)"]


def test_a_document_is_not_like_itself(library: Library) -> None:
    found = library.explain("a", like="a")
    assert found.stage == "excluded"
    assert {each.found for each in found.lists} == {"excluded"}


def test_a_version_of_a_profile_is_the_one_that_is_explained(library: Library) -> None:
    for size in (1, 2):
        settings = RankingSettings.model_validate({**BM25, "group": {"field": "kind", "size": size}})
        save_profile(library.catalogue, library.engines, "pond", "grouped", settings)
    assert library.explain("b", q="fish", profile="grouped@1").stage == "group"
    assert library.explain("b", q="fish", profile="grouped").profile == "grouped@2"
    assert library.explain("b", q="fish", profile="grouped").stage == "hit"
    with pytest.raises(InputError, match="grouped"):
        library.explain("b", q="fish", profile="grouped@9")


def test_a_document_that_is_not_there_is_missing_and_one_that_is_new_is_not_indexed_yet(
    tmp_path: Path,
) -> None:
    with new_catalogue(tmp_path) as catalogue:
        store(catalogue, "pond", DOCUMENTS)
        build_generation(catalogue, tmp_path, "pond")
        opened = Library(tmp_path, catalogue)
        engine = opened.engine
        store(catalogue, "pond", [{"id": "f", "text": "fish"}])
        catalogue.documents.delete("pond", ["a"])
        new = explain(catalogue, engine, ExplainRequest(id="f", q="fish"))
        assert (new.stage, new.rank, new.changes) == ("not_indexed", None, ())
        for gone in ("a", "zzz"):
            with pytest.raises(MissingError, match=gone):
                explain(catalogue, engine, ExplainRequest(id=gone, q="fish"))
        assert explain(catalogue, opened.engine, ExplainRequest(id="f", q="fish")).stage == "hit"
