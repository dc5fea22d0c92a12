"""Damaged counts are refused; a damaged serving form is laid out anew and ranks as before."""

import logging
import shutil

import numpy as np
import pytest

from indexer.build import build_generation
from indexer.errors import CorruptError
from indexer.generation import Generation
from indexer.lexical import Clause, LexicalQuery, SqliteLexical, open_arrays, write_arrays
from indexer.weighting import WeightingParameters, weighting
from tests.library import CATS_AND_DOGS, new_catalogue, store

PAGE = 4096
ARRAY_FILES = [
    "arrays.json",
    "bits.npy",
    "codes.npy",
    "df.npy",
    "key_begins.npy",
    "key_bytes.npy",
    "key_slots.npy",
    "kinds.npy",
    "list_begins.npy",
    "list_bits.npy",
    "odd_counts.npy",
    "odd_keys.npy",
    "packed.npy",
    "places.npy",
    "ranks.npy",
    "slots.npy",
    "tuples.npy",
]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("data")
    with new_catalogue(data_dir) as catalogue:
        store(catalogue, "pets", CATS_AND_DOGS)
        build_generation(catalogue, data_dir, "pets")
    return data_dir / "indexes" / "pets" / "gen-000001"


@pytest.fixture
def folder(built, tmp_path):
    return shutil.copytree(built, tmp_path / "gen-000001")


def rankings(generation):
    """What a generation finds for some queries, and how each score comes about."""
    found = []
    for terms in (["猫", "狗", "喜欢", "鱼", "牛"], ["cat", "fish", "dog"]):
        for kind in ("bm25", "lm"):
            clause = Clause({"words": terms, "characters": terms}, {"title": 2.0, "text": 1.0})
            query = LexicalQuery([clause], weighting(kind), WeightingParameters())
            ranking = generation.lexical.rank(query, 10)
            parts = generation.lexical.explain(query, ranking.ordinals.tolist())
            found.append((ranking.ordinals.tolist(), ranking.scores.tolist(), parts))
    return found


@pytest.fixture(scope="module")
def expected(built):
    generation = Generation.open(built)
    found = rankings(generation)
    generation.close()
    assert [len(ordinals) for ordinals, _, _ in found] == [2, 2, 1, 1]
    return found


def flip(path, at, bit):
    content = bytearray(path.read_bytes())
    content[at] ^= 1 << bit
    path.write_bytes(content)


def truncate(path, length):
    path.write_bytes(path.read_bytes()[:length])


def test_a_bit_flipped_in_any_page_of_the_counts_is_refused(folder):
    path = folder / "lexical.sqlite"
    whole = path.read_bytes()
    assert len(whole) % PAGE == 0
    assert len(whole) > PAGE
    for page in range(0, len(whole), PAGE):
        for place, bit in ((0, 0), (1, 7), (100, 3), (PAGE // 2, 4), (PAGE - 1, 5)):
            flip(path, page + place, bit)
            with pytest.raises(CorruptError, match=r"lexical\.sqlite is damaged"):
                Generation.open(folder)
            flip(path, page + place, bit)
    assert path.read_bytes() == whole
    Generation.open(folder).close()


def test_counts_cut_off_anywhere_are_refused(folder):
    path = folder / "lexical.sqlite"
    whole = path.read_bytes()
    n = len(whole)
    for length in (0, 1, 16, 100, PAGE - 1, PAGE, PAGE + 1, n // 2, n - PAGE, n - 1):
        truncate(path, length)
        with pytest.raises(CorruptError, match=r"lexical\.sqlite is damaged"):
            Generation.open(folder)
        path.write_bytes(whole)
    path.write_bytes(whole + b"\0")
    with pytest.raises(CorruptError, match=r"lexical\.sqlite is damaged"):
        Generation.open(folder)


def opened_anew(folder, caplog):
    """What the generation finds after it was opened with a warning; the next opening has none."""
    with caplog.at_level(logging.WARNING, "indexer.generation"):
        caplog.clear()
        generation = Generation.open(folder)
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        assert "laying out postings anew" in caplog.text
        found = rankings(generation)
        generation.close()
        caplog.clear()
        Generation.open(folder).close()
        assert caplog.records == []
    return found


def content_of(folder):
    return {path.name: path.read_bytes() for path in (folder / "lexical.arrays").iterdir()}


def test_these_are_the_files_of_the_serving_form(folder):
    assert sorted(content_of(folder)) == ARRAY_FILES


HARMS = {
    "a bit of the first byte": lambda path: flip(path, 0, 0),
    "a bit in the middle": lambda path: flip(path, path.stat().st_size // 2, 4),
    "a bit of the last byte": lambda path: flip(path, path.stat().st_size - 1, 7),
    "empty": lambda path: truncate(path, 0),
    "cut in half": lambda path: truncate(path, path.stat().st_size // 2),
    "cut by a byte": lambda path: truncate(path, path.stat().st_size - 1),
    "longer by a byte": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "deleted": lambda path: path.unlink(),
}


TO_EACH = ("a bit in the middle", "cut by a byte", "deleted")
FEW_FILES = ("arrays.json", "key_slots.npy", "packed.npy")


@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_file_of_the_serving_form_is_laid_out_anew(folder, expected, caplog, harm):
    whole = content_of(folder)
    for file in ARRAY_FILES if harm in TO_EACH else FEW_FILES:
        HARMS[harm](folder / "lexical.arrays" / file)
        assert opened_anew(folder, caplog) == expected
        assert content_of(folder) == whole


def test_a_missing_serving_form_is_laid_out_anew(folder, expected, caplog):
    whole = content_of(folder)
    shutil.rmtree(folder / "lexical.arrays")
    assert opened_anew(folder, caplog) == expected
    assert content_of(folder) == whole


def test_a_foreign_file_in_the_serving_form_is_removed(folder, expected, caplog):
    (folder / "lexical.arrays" / "foreign.npy").write_bytes(b"")
    assert opened_anew(folder, caplog) == expected
    assert sorted(content_of(folder)) == ARRAY_FILES


def test_a_file_in_the_place_of_the_serving_form_is_replaced(folder, expected, caplog):
    shutil.rmtree(folder / "lexical.arrays")
    (folder / "lexical.arrays").write_bytes(b"")
    assert opened_anew(folder, caplog) == expected


def test_the_serving_form_of_another_index_is_not_served(folder, expected, caplog):
    counts = SqliteLexical(folder / "lexical.sqlite")
    write_arrays(counts, folder / "lexical.arrays", "another")
    np.testing.assert_equal(open_arrays(counts, folder / "lexical.arrays", "another").n_docs, 3)
    counts.close()
    assert opened_anew(folder, caplog) == expected
