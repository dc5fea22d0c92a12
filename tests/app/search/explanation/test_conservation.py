"""Every score is the sum of its parts, and every part of its own, whatever index and request.

Some hundred hits by default, as many as `TEXTPRISM_TEST_CASES` says where that is set."""

import os
from collections.abc import Sequence
from fractions import Fraction
from random import Random

from app.search.explanation import rows
from app.search.request import search_request
from app.search.searcher import search
from indexer.types import Part
from tests.app.search.explanation.requests import drawn_request, indexes

CASES = int(os.environ.get("TEXTPRISM_TEST_CASES", "400"))


def added(parts: Sequence[Part]) -> Fraction:
    """What the parts add to the score, without rounding."""
    return sum((Fraction(each.contribution) for each in parts if each.contribution is not None), Fraction(0))


def check(part: Part) -> None:
    """The laws of a part with parts of its own."""
    if part.parts:
        assert sum(Fraction(each.value) for each in part.parts) == Fraction(part.value)
        if part.contribution is not None:
            assert added(part.parts) == Fraction(part.contribution)
    for each in part.parts:
        check(each)


def test_every_score_is_the_exact_sum_of_its_parts(tmp_path):
    draw = Random(11)
    told = {"hits": 0, "leaves": 0, "levels": 0}
    names: set[str] = set()
    with indexes(tmp_path) as (catalogue, engines):
        ids = [each.generation.lexical.doc_ids(range(40)) for each in engines]
        while told["hits"] < CASES:
            engine, known = draw.choice(list(zip(engines, ids, strict=True)))
            given = drawn_request(draw, known)
            result = search(catalogue, engine, search_request(explain="full", **given))
            for hit in result.hits:
                assert hit.parts is not None
                assert added(hit.parts) == Fraction(hit.score), given
                for part in hit.parts:
                    check(part)
                table = rows(hit.parts)
                assert len({each.path for each in table}) == len(table)
                first = [Fraction(each.contribution or 0) for each in table if each.level == 1]
                assert sum(first) == Fraction(hit.score)
                told["hits"] += 1
                told["levels"] = max(told["levels"], *(each.level for each in table), 0)
                names.update(each.name for each in table if each.name.startswith("("))
    assert told["levels"] == 3  # list, term, field; list, word, word
    assert names >= {"(normalization)", "(rank)", "(tie)", "(rounding)", "(quantisation)", "(diversity)"}
