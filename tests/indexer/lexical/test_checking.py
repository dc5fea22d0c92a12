"""A sound index has no fault; a damaged one is refused, is found out, or answers as before."""

import random

import pytest

from indexer.errors import CorruptError
from indexer.lexical import SqliteLexical, arrays_in_memory, faults
from tests.indexer.lexical.stores import FIELDS, STORES, VIEWS, write

CHANCE = random.Random(5)
WORDS = [f"w{number}" for number in range(40)] + ["猫", "喜欢", "鱼"]
DOCUMENTS = [
    (
        f"{number:04d}",
        {
            (view, field): " ".join(CHANCE.choices(WORDS, k=CHANCE.randint(0, 12)))
            for view in VIEWS
            for field in FIELDS
        },
    )
    for number in range(300)
]


def everything(store, positions=True):
    """All that a store can be asked for, to compare."""
    return (
        store.n_docs,
        store.doc_ids(range(store.n_docs)),
        [
            (
                batch.view,
                list(batch.terms),
                batch.begins.tolist(),
                batch.ordinals.tolist(),
                batch.counts.tolist(),
                None if batch.positions is None else batch.positions.tolist(),
                store.frequencies(batch.view, batch.terms),
            )
            for batch in store.every_term(positions=positions)
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
    store = STORES[name](DOCUMENTS, tmp_path)
    assert list(faults(store, arrays_in_memory(store))) == []


def test_the_stores_tell_the_same(tmp_path):
    """Also the positions of all terms, page by page."""
    first, *others = (everything(STORES[name](DOCUMENTS, tmp_path)) for name in STORES)
    assert all(other == first for other in others)


def test_every_flipped_bit_is_refused_or_found_or_changes_nothing(file, tmp_path):
    """Without the checksum. A position that became another and still ascends, only the checksum tells."""
    sound = SqliteLexical(file)
    expected, arrays = everything(sound, positions=False), arrays_in_memory(sound)
    content = file.read_bytes()
    damaged_file = tmp_path / "damaged.sqlite"
    found = 0
    for place in range(0, len(content), 41):  # no divisor of a page: all parts of pages are met
        damaged = bytearray(content)
        damaged[place] ^= 1 << (place % 8)
        damaged_file.write_bytes(damaged)
        try:
            store = SqliteLexical(damaged_file)
            wrong = [*store.integrity(), *faults(store, arrays)]
            if not wrong:
                assert everything(store, positions=False) == expected, f"byte {place}"
        except CorruptError:
            wrong = ["refused"]
        found += bool(wrong)
    assert found > 200  # the rest are free space of pages, padding, and positions


def test_arrays_of_another_index_are_found_out(file):
    store = SqliteLexical(file)
    for others in (DOCUMENTS[:-1], DOCUMENTS[:200] + DOCUMENTS[:100]):
        other = STORES["memory"]([(f"{n:04d}", body) for n, (_, body) in enumerate(others)], None)
        assert any("serving arrays" in fault for fault in faults(store, arrays_in_memory(other)))
