"""What `faults` says of columns that cannot be right, and what opening refuses."""

from typing import Any

import numpy as np
import orjson
import pytest

from indexer.errors import CorruptError
from indexer.metadata import FOLDER, Metadata, faults
from indexer.metadata.format import DTYPES
from indexer.storage.arrays import load_array, save_array
from indexer.types import FieldType
from tests.indexer.metadata.columns import write

TYPES: dict[str, FieldType] = {
    "lang": "keyword",
    "year": "number",
    "live": "boolean",
    "at": "date",
    "x": "object",
}
DOCUMENTS: list[dict[str, Any]] = [
    {"lang": ["猫", "b"], "year": 2, "live": True, "at": "2024-01-31", "x": {"a": []}},
    {"lang": "b", "year": [1, 3], "live": False, "at": "2024-02-01"},
    {"lang": ""},
]


@pytest.fixture
def folder(tmp_path):
    assert write(tmp_path, DOCUMENTS, TYPES) == []
    return tmp_path / FOLDER


def told(folder):
    return list(faults(Metadata.open(folder)))


def test_nothing_is_said_of_sound_columns(folder):
    assert told(folder) == []


def test_these_are_the_files(folder):
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["columns.json", *map("{}.npy".format, DTYPES)]
    )


def change(folder, name, place, value):
    """Writes one number into an array."""
    array = load_array(folder / f"{name}.npy").copy()
    array[place] = value
    save_array(folder / f"{name}.npy", array)


# columns in the order of their paths: at, lang, live, year; entries of `at` 0 and 1, of `lang` 2 to 5,
# of `live` 6 and 7, of `year` 8 to 10
@pytest.mark.parametrize(
    ("name", "place", "value", "fault"),
    [
        ("ordinals", 0, 5, "`at` has a column of kind `date` with documents or values that do not exist"),
        ("ordinals", 0, -1, "`at` has a column of kind `date` with documents or values that do not exist"),
        (
            "ordinals",
            0,
            1,
            "`at` has a column of kind `date` in which not as many documents hold a value as it",
        ),
        ("ordinals", 1, 2, "`at` has a column of kind `date` with documents that do not have it"),
        ("codes", 2, 7, "`lang` has a column of kind `keyword` with documents or values that do not exist"),
        ("codes", 2, -1, "`lang` has a column of kind `keyword` with documents or values that do not exist"),
        ("codes", 2, 2, "`lang` has a column of kind `keyword` whose entries do not ascend"),
        ("codes", 5, 1, "`lang` has a column of kind `keyword` with a value that no document holds"),
        (
            "keyword_bytes",
            0,
            ord("b"),
            "`lang` has a column of kind `keyword` whose values cannot be told apart",
        ),
        ("keyword_bytes", 1, ord("\xff"), "whose values cannot be told apart"),
        (
            "keyword_bytes",
            1,
            0x80,
            "`lang` has a column of kind `keyword` with a value that is no Unicode text",
        ),
        ("keyword_bytes", 3, ord("a"), "with a value that is no Unicode text"),
        ("keyword_begins", 0, 1, "whose values cannot be told apart"),
        ("keyword_begins", 1, 2, "whose values cannot be told apart"),
        ("keyword_begins", 1, -5, "whose values cannot be told apart"),
        ("keyword_begins", 3, 900, "whose values cannot be told apart"),
        ("numbers", 0, 2.0, "`year` has a column of kind `number` whose values do not ascend"),
        ("numbers", 2, np.inf, "`year` has a column of kind `number` with a value that is no number"),
        ("dates", 1, 0, "`at` has a column of kind `date` whose values do not ascend"),
        ("booleans", 0, 1, "`live` has a column of kind `boolean` whose values do not ascend"),
        (
            "booleans",
            1,
            2,
            "`live` has a column of kind `boolean` with a value that is neither true nor false",
        ),
        ("present", 0, 3, "`at` names documents that have it that do not ascend or do not exist"),
        ("present", 0, 1, "`at` names documents that have it that do not ascend or do not exist"),
        ("empty", 0, 3, "`lang` names documents where it is empty that do not ascend or do not exist"),
        ("empty", 1, 1, "`x.a` is empty in documents that do not have it"),
    ],
)
def test_a_number_that_cannot_be_right_is_told_with_its_path(folder, name, place, value, fault):
    change(folder, name, place, value)
    found = told(folder)
    assert any(fault in each for each in found), found
    assert all(each.startswith("The metadata of `") and each.endswith(".") for each in found)


def test_keywords_that_do_not_ascend_are_told(folder):
    change(folder, "keyword_bytes", 1, 0xC3)  # of `b`, so that `\xc3\xbf` is no end of a keyword
    assert told(folder) != []
    keywords = b"\xffb\xff" + "猫".encode() + b"\xff"
    swapped = b"\xff" + "猫".encode() + b"\xffb\xff"
    save_array(folder / "keyword_bytes.npy", np.frombuffer(swapped, np.uint8))
    save_array(folder / "keyword_begins.npy", np.array([0, 1, 5, 7]))
    assert len(swapped) == len(keywords)
    assert told(folder) == [
        "The metadata of `lang` has a column of kind `keyword` whose values do not ascend."
    ]


@pytest.mark.parametrize("name", DTYPES)
def test_an_array_that_is_too_short_is_refused(folder, name):
    array = load_array(folder / f"{name}.npy")
    save_array(folder / f"{name}.npy", array[:-1].copy())
    with pytest.raises(CorruptError, match=rf"{name}\.npy is damaged: rebuild the index"):
        Metadata.open(folder)


@pytest.mark.parametrize("name", DTYPES)
def test_an_array_of_another_type_or_that_is_none_is_refused(folder, name):
    path = folder / f"{name}.npy"
    save_array(path, np.zeros(1_000, np.float32))
    with pytest.raises(CorruptError, match=rf"{name}\.npy is damaged"):
        Metadata.open(folder)
    path.write_bytes(b"\x93NUMPY")
    with pytest.raises(CorruptError, match=rf"{name}\.npy cannot be read"):
        Metadata.open(folder)
    path.unlink()
    with pytest.raises(CorruptError, match=rf"{name}\.npy cannot be read"):
        Metadata.open(folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.pop("documents"),
        lambda table: table["paths"]["lang"].update(columns=5),
        lambda table: table["paths"]["lang"]["columns"][0].update(kind="geo"),
        lambda table: table["paths"]["lang"]["columns"][0].update(entries=[0]),
        lambda table: table["paths"]["lang"].update(more=1),
    ],
)
def test_a_table_that_is_none_is_refused(folder, change):
    table = orjson.loads((folder / "columns.json").read_bytes())
    change(table)
    (folder / "columns.json").write_bytes(orjson.dumps(table))
    with pytest.raises(CorruptError, match=r"columns\.json is damaged"):
        Metadata.open(folder)
    (folder / "columns.json").unlink()
    with pytest.raises(CorruptError, match=r"columns\.json cannot be read"):
        Metadata.open(folder)


@pytest.mark.parametrize("piece", [[-1, 1], [3, 2], [0, 99]])
def test_a_piece_that_an_array_does_not_have_is_refused(folder, piece):
    table = orjson.loads((folder / "columns.json").read_bytes())
    table["paths"]["lang"]["columns"][0]["entries"] = piece
    (folder / "columns.json").write_bytes(orjson.dumps(table))
    with pytest.raises(CorruptError, match=r"ordinals\.npy is damaged"):
        Metadata.open(folder)
