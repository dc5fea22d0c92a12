"""A sound index has no fault; a damaged one is refused, is found out, or answers as before."""

import random
import re
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import CorruptError
from indexer.lexical import SqliteLexical, arrays_in_memory, faults
from indexer.lexical.packing import pack
from tests.indexer.lexical.stores import FIELDS, STORES, VIEWS, write

CHANCE = random.Random(5)
WORDS = [f"w{number}" for number in range(12)] + ["猫", "喜欢", "鱼"]
DOCUMENTS = [
    (
        f"{number:04d}",
        {
            (view, field): " ".join(CHANCE.choices(WORDS, k=CHANCE.randint(0, 12)))
            for view in VIEWS
            for field in FIELDS
        },
    )
    for number in range(150)
]
COUNTED = ["df", "cf", "ordinals", "counts", "lengths"]


def everything(store):
    """All that a store can be asked for but keys and positions.

    Where one of these became another and still ascends, nothing but the checksum tells."""
    return (
        store.n_docs,
        [store.fields, store.views],
        [
            (
                batch.view,
                batch.terms,
                batch.begins.tolist(),
                batch.ordinals.tolist(),
                batch.counts.tolist(),
                store.frequencies(batch.view, batch.terms),
            )
            for batch in store.every_term()
        ],
        [store.lengths(view, field).tolist() for view in VIEWS for field in FIELDS],
    )


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("checking") / "lexical.sqlite"
    write(DOCUMENTS, path)
    return path


@pytest.mark.parametrize("name", STORES)
def test_a_sound_index_has_no_fault(name, tmp_path):
    for documents in (DOCUMENTS, []):
        store = STORES[name](documents, tmp_path)
        assert list(faults(store, arrays_in_memory(store))) == []


def test_the_stores_tell_the_same(tmp_path):
    """Also keys, and the positions of all terms, page by page."""
    stores = [make(DOCUMENTS, tmp_path) for make in STORES.values()]
    first, *others = (
        (
            everything(store),
            store.doc_ids(range(store.n_docs)),
            [
                None if batch.positions is None else batch.positions.tolist()
                for batch in store.every_term(positions=True)
            ],
        )
        for store in stores
    )
    assert all(other == first for other in others)


class Damage:
    """Flips bits of an index and sees what comes of it: without the checksum, which would tell at once."""

    def __init__(self, file, folder):
        sound = SqliteLexical(file)
        self.content = file.read_bytes()
        self._file = folder / "damaged.sqlite"
        self._arrays = arrays_in_memory(sound)
        self._expected = everything(sound)

    def outcome(self, place, bit):
        """What comes of a flipped bit: `refused`, `found` or `same`; anything else is a wrong answer."""
        damaged = bytearray(self.content)
        damaged[place] ^= 1 << bit
        self._file.write_bytes(damaged)
        try:
            with closing(SqliteLexical(self._file)) as store:
                if store.integrity() or list(faults(store, self._arrays)):
                    return "found"
                assert everything(store) == self._expected, f"byte {place}, bit {bit}"
                return "same"
        except CorruptError:
            return "refused"


@pytest.fixture(scope="module")
def damage(file, tmp_path_factory):
    return Damage(file, tmp_path_factory.mktemp("damage"))


def places_of(file, column):
    """Where the bytes of every value of a column of packed numbers lie in the file."""
    table = "lengths" if column == "lengths" else "terms"
    content = file.read_bytes()
    with closing(sqlite3.connect(file)) as connection:
        for (blob,) in connection.execute(f"SELECT {column} FROM {table}"):
            assert content.count(blob) == 1
            yield from range(content.index(blob), content.index(blob) + len(blob))


@pytest.mark.parametrize("column", COUNTED)
def test_every_flipped_bit_of_counts_and_lengths_is_found(file, damage, column):
    """But those of no number: what fills a list up to a whole byte, and widths that give the same numbers."""
    places = list(places_of(file, column))
    chosen = places[:: max(1, len(places) // 300)]
    outcomes = Counter(damage.outcome(place, (place * 5 + 3) % 8) for place in chosen)
    assert outcomes.total() >= 28
    assert outcomes["found"] >= 0.75 * outcomes.total()
    assert outcomes["same"] <= 0.1 * outcomes.total()


def test_a_flipped_bit_in_any_page_is_refused_or_found_or_changes_nothing(file, damage):
    chance = random.Random(7)
    size = int.from_bytes(damage.content[16:18], "big")
    outcomes: Counter[str] = Counter()
    for page in range(0, len(damage.content), size):
        filled = [place for place in range(page, page + size) if damage.content[place]]
        header = range(page, page + 12)
        for place in [*header, *chance.sample(filled, min(60, len(filled))), page + size - 1]:
            outcomes[damage.outcome(place, chance.randrange(8))] += 1
    assert outcomes["refused"] + outcomes["found"] > outcomes["same"] > 0


def test_arrays_of_another_index_are_found_out(file):
    store = SqliteLexical(file)
    for others in (DOCUMENTS[:-1], DOCUMENTS[:100] + DOCUMENTS[:50]):
        other = STORES["memory"]([(f"{n:04d}", body) for n, (_, body) in enumerate(others)], None)
        assert any("serving arrays" in fault for fault in faults(store, arrays_in_memory(other)))


@pytest.mark.parametrize("name", ["bits", "ranks"])
def test_bits_that_lead_elsewhere_are_found_out(file, name):
    store = SqliteLexical(file)
    arrays = arrays_in_memory(store)
    for place in (0, -1):
        wrong = getattr(arrays.postings, name).copy()
        wrong[place, place] ^= 1
        changed = replace(arrays, postings=arrays.postings._replace(**{name: wrong}))
        assert any("serving arrays" in fault for fault in faults(store, changed))


def test_progress_is_told_up_to_the_last_term(file):
    store = SqliteLexical(file)
    told: list[tuple[str, int, int | None]] = []
    assert list(faults(store, arrays_in_memory(store), lambda *each: told.append(each))) == []
    assert told[-1] == ("check", 2 * len(WORDS), 2 * len(WORDS))


FISH_AND_BIRDS = [
    ("a", {("words", "title"): "鱼", ("words", "text"): "鱼 鱼"}),
    ("b", {}),
    ("c", {("words", "text"): "鱼"}),
    ("d", {("words", "text"): "鸟"}),
]


def packed(*lists):
    return b"".join(pack(np.array(each, np.uint32)) for each in lists)


# As the page of the format has it. Documents 0 and 2 hold 鱼; 3 and 1 times, 2 and 1 of them in the text.
COLUMNS = {
    "df": ["02 06"],
    "cf": ["03 0c"],
    "ordinals": ["01 02", "02 03"],
    "counts": ["02 02", "02 06", "00", "01 01"],
    "positions": ["01 04", "00"],
}


def test_the_packed_columns_are_those_of_the_page(tmp_path):
    write(FISH_AND_BIRDS, tmp_path / "lexical.sqlite")
    page = (Path(__file__).parents[3] / "docs" / "index-format.md").read_text()
    example = iter(re.findall(r"^\| .* \| `([0-9a-f ]+)` \|$", page, flags=re.MULTILINE))
    with closing(sqlite3.connect(tmp_path / "lexical.sqlite")) as connection:
        for column, lists in COLUMNS.items():
            [(value,)] = connection.execute(f"SELECT {column} FROM terms")
            assert value == bytes.fromhex("".join(lists))
            assert [next(example) for _ in lists] == lists
    assert list(example) == []
    assert packed([0, 1], [3]) == bytes.fromhex("".join(COLUMNS["ordinals"]))
    assert packed([0, 0, 1, 0], [0]) == bytes.fromhex("".join(COLUMNS["positions"]))


DAMAGES = [
    ("UPDATE documents SET doc_ids = ?", '["a","c","b","d"]', "`b` stands behind `c`: keys have to ascend"),
    ("UPDATE documents SET first_ordinal = ?", 128, "cannot be read"),
    ("UPDATE fields SET name = ? WHERE field_id = 1", "body", "of other documents, views or fields"),
    ("UPDATE terms SET terms = ?", '["鱼","鱼"]', "`鱼` of `words` stands behind `鱼`: terms have to ascend"),
    ("UPDATE terms SET terms = ?", '["鱼","龙"]', "serving arrays hold the term `龙` of `words` otherwise"),
    ("UPDATE terms SET terms = ?", '["鸟","鱼"]', "`鸟` of `words` is not found by its name"),
    ("UPDATE terms SET df = ?", packed([20, 1]), "shorter or longer than its term says"),
    ("UPDATE terms SET cf = ?", packed([5, 1]), "`鱼` of `words` occurs not as often as its cf says"),
    (
        "UPDATE terms SET ordinals = ?",
        packed([0, 1], [4]),
        "`鸟` of `words` has documents that do not ascend",
    ),
    ("UPDATE terms SET ordinals = ?", packed([0, 2], [3]), "the term `鱼` of `words` otherwise"),
    ("UPDATE terms SET ordinals = ?", packed([0, 2], [3]), "2 documents have not as many `words` in `text`"),
    (
        "UPDATE terms SET counts = ?",
        packed([1, 0], [3, 1], [0], [1]),
        "has a document in which it does not occur",
    ),
    (
        "UPDATE terms SET counts = ?",
        packed([2, 0], [3, 1], [0], [1]),
        "`words` in `title` as their length says; the first is `a`",
    ),
    ("UPDATE terms SET positions = ?", packed([0, 2, 2**32 - 1, 0], [0]), "positions that do not ascend"),
    ("UPDATE terms SET positions = ?", packed([0, 0, 1, 0]), "shorter or longer"),
    ("UPDATE lengths SET lengths = ? WHERE field_id = 1", packed([2, 1, 1, 1]), "the first is `b`"),
    ("DELETE FROM terms WHERE ?", 1, "The serving arrays have 2 terms, the index has 0"),
    ("DELETE FROM lengths WHERE view_id = ?", 0, "3 documents have not as many `words` in `text`"),
]


@pytest.mark.parametrize(("change", "value", "words"), DAMAGES)
def test_what_is_wrong_is_said(tmp_path, change, value, words):
    path = tmp_path / "lexical.sqlite"
    write(FISH_AND_BIRDS, path)
    with closing(SqliteLexical(path)) as sound:
        arrays = arrays_in_memory(sound)
        assert list(faults(sound, arrays)) == []
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(change, (value,))
    found = []
    try:
        with closing(SqliteLexical(path)) as store:
            found = list(faults(store, arrays))
    except CorruptError as error:
        found.append(error.message)
    assert any(words in fault for fault in found), found
