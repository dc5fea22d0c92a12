"""Why and why not, for documents and requests drawn at random, against the searches themselves.

Some dozens of cases by default, as many as `TEXTPRISM_TEST_CASES` says where that is set."""

import os
from collections import Counter
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from app.search.engines import Engine
from app.search.request import search_request
from app.search.searcher import search
from app.search.whynot import ExplainRequest, Explanation, explain
from indexer.database import Catalogue
from tests.app.search.explanation.requests import drawn_request, indexes

CASES = int(os.environ.get("TEXTPRISM_TEST_CASES", "60"))
ALL = 1_000


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    with indexes(tmp_path_factory.mktemp("whynot")) as opened:
        yield opened


def listed(catalogue: Catalogue, engine: Engine, given: dict[str, Any], limit: int) -> list[str]:
    """The keys of the hits, with the depth that the first page has."""
    request = search_request(**{**given, "limit": limit, "depth": given["depth"] or 200})
    return [hit.id for hit in search(catalogue, engine, request).hits]


def check_above(found: Explanation, ids: list[str]) -> None:
    """The hits above are the first ones, and what each has more is the sum of its parts."""
    n_above = min(found.limit, len(ids)) if found.rank is None else min(found.rank - 1, found.limit)
    assert [each.id for each in found.above] == ids[:n_above]
    for each in found.above:
        assert sum(map(Fraction, each.parts.values())) == Fraction(each.difference)
        assert found.rank is None or found.score is None or "sort" in each.by or each.difference >= 0


def check_lists(catalogue: Catalogue, engine: Engine, given: dict[str, Any], found: Explanation) -> None:
    """A rank beyond the depth is that of a list without a bound."""
    for place, each in enumerate(found.lists):
        if each.found == "depth" and given["retrievers"]:
            spec = {**given["retrievers"][place], "depth": ALL}
            alone = {
                **given,
                "retrievers": [spec],
                **dict.fromkeys(("fusion", "rerank", "diversity", "group")),
            }
            ids = listed(catalogue, engine, {**alone, "sort": []}, ALL)
            assert ids[(each.rank or 0) - 1] == found.id
            assert len(ids) == each.of


def test_every_answer_is_true_and_every_change_works(library):
    draw = Random(5)
    catalogue, engines = library
    stages: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for _ in range(CASES):
        engine = draw.choice(engines)
        known = engine.generation.lexical.doc_ids(range(engine.generation.lexical.n_docs))
        given = {**drawn_request(draw, known), "limit": draw.randint(1, 8)}
        doc_id = draw.choice(known)
        found = explain(catalogue, engine, ExplainRequest.model_validate({"id": doc_id, **given}))
        ids = listed(catalogue, engine, given, ALL)
        assert found.rank == (ids.index(doc_id) + 1 if doc_id in ids else None)
        assert (found.stage == "hit") == (doc_id in ids[: given["limit"]])
        assert all(each.passes for each in found.filter if each.by == "filter") or found.stage == "filtered"
        check_above(found, ids)
        check_lists(catalogue, engine, given, found)
        first = [Fraction(each.contribution or 0) for each in found.parts if each.level == 1]
        assert found.score is None or sum(first) == Fraction(found.score)
        for change in found.changes:
            result = search(catalogue, engine, search_request(**{**given, **change.request}))
            assert [hit.id for hit in result.hits].index(doc_id) + 1 == change.rank, change
        overlaps = [each.overlap for each in found.changes]
        assert overlaps == sorted(overlaps, reverse=True)
        stages[found.stage] += 1
        kinds.update(each.kind for each in found.changes)
    assert sum(kinds.values()) > CASES / 3
    assert len(stages) >= 6
    assert len(kinds) >= 3
