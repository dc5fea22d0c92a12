"""What a build takes from documents, and what it leaves out with a warning."""

from typing import Any

import numpy as np
import pytest

from app.search.filters import parse_filter
from indexer.build import build_generation
from indexer.build.metadata import MOST_DEPTH, MOST_PATHS
from indexer.generation import IndexFolder
from indexer.metadata import FOLDER, Metadata
from indexer.types import FieldSettings
from tests.indexer.metadata.columns import kinds, metadata, write
from tests.library import CATS_AND_DOGS, new_catalogue, store


def found(columns, filter):
    return np.flatnonzero(columns.select(parse_filter(filter))).tolist()


def nested(depth):
    """An object with so many names down to its one value."""
    value: object = 1
    for _ in range(depth):
        value = {"a": value}
    return value


def test_paths_deeper_than_the_bound_are_left_out(tmp_path):
    documents = [{"x": nested(MOST_DEPTH - 1)}, {"x": nested(MOST_DEPTH)}, {"x": [nested(240)] * 2}]
    [warning] = write(tmp_path, documents, {"x": "object"})
    deepest = ".".join(["x", *"a" * (MOST_DEPTH - 1)])
    assert warning.startswith(
        "3 values are found by no filter: an index has at most 1,000 paths, each at most 16"
    )
    assert warning.endswith(f"The first is at `{deepest}.a`.")
    columns = Metadata.open(tmp_path / FOLDER)
    assert len(columns.paths) == MOST_DEPTH
    assert found(columns, f"{deepest} = 1") == [0]
    assert found(columns, f"{deepest} EXISTS") == [0, 1, 2]


def test_paths_beyond_the_bound_are_left_out(tmp_path):
    documents = [{"x": {str(number): number for number in range(first, first + 600)}} for first in (0, 500)]
    [warning] = write(tmp_path, documents, {"x": "object"})
    assert warning.startswith("101 values are found by no filter: ")
    assert warning.endswith("The first is at `x.999`.")
    columns = Metadata.open(tmp_path / FOLDER)
    assert len(columns.paths) == MOST_PATHS
    assert found(columns, "x.998 = 998 AND x.550 = 550") == [1]


def test_an_object_is_flattened_with_all_the_lists_in_it():
    columns = metadata(
        [{"x": [{"a": [1, [2, "b"]]}, {"a": {"c": None}}, None, "d"]}, {"x": [None, []]}], {"x": "object"}
    )
    assert kinds(columns) == {"x": ("keyword",), "x.a": ("number", "keyword")}
    for filter in ("x = d", "x.a = 1", "x.a = 2", "x.a = b", "x.a NOT EXISTS OR x.a > 1"):
        assert 0 in found(columns, filter)
    assert found(columns, "x IS EMPTY") == [1]
    assert found(columns, "x.a IS EMPTY") == []


def test_values_that_do_not_fit_their_type_are_left_out_with_a_warning(tmp_path):
    advice = "no filter finds them. Import the documents again, or change the type."
    documents: list[dict[str, Any]] = [
        {"at": "2024-01-31"},
        {"at": ["soon", "2024-02-01"]},
        {"at": 5},
        {"n": "7"},
    ]
    assert write(tmp_path, documents, {"at": "date", "n": "number"}) == [
        f"`at` has 2 values that are no date: {advice}",
        f"`n` has 1 values that are no number: {advice}",
    ]
    columns = Metadata.open(tmp_path / FOLDER)
    assert found(columns, "at EXISTS") == [0, 1, 2]
    assert found(columns, "at >= 2024-01-31") == [0, 1]
    assert found(columns, "n = 7") == []


def test_fields_without_a_type_are_not_looked_at():
    assert kinds(metadata([{"a": 1, "b": 2}], {"a": "number"})) == {"a": ("number",)}


def test_the_same_documents_give_the_same_files(tmp_path):
    documents = [{"b": ["z", "a", "z"], "a": {"y": 1, "x": True}}, {"a": {"x": "é", "z": 0.5}, "b": "猫"}]
    turned = [dict(reversed(each.items())) for each in documents]
    contents = []
    for name, given in (("one", documents), ("other", turned)):
        (tmp_path / name).mkdir()
        write(tmp_path / name, given, {"a": "object", "b": "keyword"})
        contents.append({path.name: path.read_bytes() for path in (tmp_path / name / FOLDER).iterdir()})
    assert contents[0] == contents[1]


@pytest.fixture
def catalogue(tmp_path):
    with new_catalogue(tmp_path) as opened:
        yield opened


def test_a_generation_selects_by_the_ordinals_of_its_documents(catalogue, tmp_path):
    store(catalogue, "pets", CATS_AND_DOGS[::-1])
    build_generation(catalogue, tmp_path, "pets")
    generation, _ = IndexFolder(tmp_path, "pets").open()
    assert generation.metadata.n_docs == 3
    ordinals = found(generation.metadata, "lang = zh AND title EXISTS")
    assert generation.lexical.doc_ids(ordinals) == ["1", "2"]
    generation.close()


def test_a_field_becomes_a_date_by_its_type_and_the_next_reindex(catalogue, tmp_path):
    store(
        catalogue,
        "news",
        [{"id": "1", "text": "猫", "at": "2024-01-31"}, {"id": "2", "text": "狗", "at": "soon"}],
    )
    settings = catalogue.indexes.get("news").settings
    assert settings.fields["at"].type == "keyword"
    fields = settings.fields | {"at": FieldSettings(type="date")}
    catalogue.indexes.save_settings("news", settings.model_copy(update={"fields": fields}))
    report = build_generation(catalogue, tmp_path, "news")
    assert ["`at` has 1 values that are no date" in each for each in report.warnings] == [True]
    generation, _ = IndexFolder(tmp_path, "news").open()
    assert generation.manifest.warnings == report.warnings
    assert found(generation.metadata, "at < 2025-01-01") == [0]
    generation.close()
