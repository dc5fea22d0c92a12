import gzip
import os

import pytest

from indexer.documents.sources import find_sources
from indexer.errors import InputError


def names(sources, folder):
    return [(os.path.relpath(each.name, folder), each.format, each.gzipped) for each in sources]


@pytest.mark.parametrize(
    ("name", "format"),
    [("a.jsonl", "jsonl"), ("a.ndjson", "jsonl"), ("a.csv", "csv"), ("a.TXT", "txt"), ("a.b.md", "md")],
)
def test_a_file_is_known_by_its_name_also_with_gz(tmp_path, name, format):
    for each in (name, f"{name}.gz"):
        (tmp_path / each).write_bytes(b"content")
        (source,) = find_sources([str(tmp_path / each)])
        assert (source.name, source.format) == (str(tmp_path / each), format)
        assert source.gzipped == each.endswith(".gz")
        assert source.doc_id == name.rsplit(".", 1)[0]
        with source.open() as stream:
            assert stream.read() == b"content"


@pytest.mark.parametrize("corpus", ["corpus.jsonl", "corpus.jsonl.gz"])
def test_of_a_beir_folder_the_corpus_is_read(tmp_path, corpus):
    for name in (corpus, "queries.jsonl", "README.md"):
        (tmp_path / name).touch()
    assert names(find_sources([str(tmp_path)]), tmp_path) == [(corpus, "jsonl", corpus.endswith(".gz"))]


def test_of_another_folder_every_known_file_is_read_in_order(tmp_path):
    for name in ("b.txt", "a/z.md", "a/c.csv.gz", "image.png", ".hidden/x.md", "a/.x.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = find_sources([str(tmp_path)])
    assert names(found, tmp_path) == [
        ("a/c.csv.gz", "csv", True),
        ("a/z.md", "md", False),
        ("b.txt", "txt", False),
    ]
    assert [each.doc_id for each in found] == ["a/c", "a/z", "b"]


def test_paths_are_read_in_the_order_given(tmp_path):
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).touch()
    found = find_sources([str(tmp_path / "b.txt"), str(tmp_path / "a.txt")])
    assert [each.doc_id for each in found] == ["b", "a"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.jsonl", "There is no file or folder"),
        ("image.png", r"of no known kind; known are \.jsonl, .* each also with \.gz"),
        ("empty", "holds nothing to import"),
    ],
)
def test_what_cannot_be_imported_is_refused(tmp_path, name, message):
    (tmp_path / "image.png").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=message):
        find_sources([str(tmp_path / name)])


def test_standard_input_needs_a_format_and_stays_open(monkeypatch, tmp_path):
    with pytest.raises(InputError, match="give one of csv, jsonl, md, txt"):
        find_sources(["-"])
    (tmp_path / "piped").write_bytes(b"content")
    with open(tmp_path / "piped") as piped:
        monkeypatch.setattr("sys.stdin", piped)
        (source,) = find_sources(["-"], "csv")
        with source.open() as stream:
            assert stream.read() == b"content"
        assert not piped.closed
    assert (source.name, source.format) == ("stdin", "csv")


def test_gzip_and_plain_give_the_same_documents(catalogue, import_bytes):
    content = '{"id": 1, "text": "x"}\n{"id": 2, "text": "数"}\n'.encode()
    assert import_bytes(content).added == 2
    assert import_bytes(gzip.compress(content), gzipped=True).unchanged == 2
    two_members = gzip.compress(content[:30]) + gzip.compress(content[30:])
    assert import_bytes(two_members, gzipped=True).unchanged == 2
