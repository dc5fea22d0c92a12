"""The arrays of a folder, number by number."""

from indexer.metadata import FOLDER
from indexer.metadata.format import DTYPES, ColumnEntry, PathEntry, read_table
from indexer.storage.arrays import load_array
from tests.indexer.metadata.columns import write


def test_the_arrays_are_those_of_the_page(tmp_path):
    write(tmp_path, [{"tags": ["b", "a"]}, {}, {"tags": []}, {"tags": "a"}], {"tags": "keyword"})
    arrays = {name: load_array(tmp_path / FOLDER / f"{name}.npy").tolist() for name in DTYPES}
    assert arrays == {
        "present": [0, 2, 3],
        "empty": [2],
        "ordinals": [0, 0, 3],
        "codes": [0, 1, 0],
        "keyword_bytes": [0x61, 0xFF, 0x62, 0xFF],
        "keyword_begins": [0, 2, 4],
        "booleans": [],
        "numbers": [],
        "dates": [],
    }
    column = ColumnEntry(kind="keyword", values=(0, 3), bytes=(0, 4), entries=(0, 3), documents=2)
    path = PathEntry(text=False, present=(0, 3), empty=(0, 1), columns=[column])
    table = read_table(tmp_path / FOLDER)
    assert (table.documents, table.paths) == (4, {"tags": path})


def test_the_pieces_of_one_column_follow_those_of_another(tmp_path):
    write(tmp_path, [{"a": 5, "b": 7, "c": [7, 5]}], {"a": "number", "b": "number", "c": "number"})
    assert load_array(tmp_path / FOLDER / "numbers.npy").tolist() == [5, 7, 5, 7]
    places = {path: each.columns[0].values for path, each in read_table(tmp_path / FOLDER).paths.items()}
    assert places == {"a": (0, 1), "b": (1, 2), "c": (2, 4)}
