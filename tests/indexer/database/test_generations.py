import pytest

from indexer.errors import MissingError
from indexer.types import IndexSettings


def test_generations_are_listed_oldest_first_with_their_reports(catalogue):
    catalogue.indexes.create("news", IndexSettings())
    added = [
        catalogue.generations.add("news", f"gen-{n:06d}", n * 10, {"documents": n, "phases": [1, 2]})
        for n in (1, 2)
    ]
    assert catalogue.generations.list("news") == added
    assert added[1].through_seq == 20
    with pytest.raises(MissingError):
        catalogue.generations.list("other")
