import gzip

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.documents.importing import import_documents
from indexer.documents.parsing import parse_json
from indexer.documents.sources import find_sources
from indexer.errors import CanceledError, InputError
from indexer.types import Document, FieldSettings, IndexSettings


def types(catalogue):
    return {name: each.type for name, each in catalogue.indexes.get("news").settings.fields.items()}


def test_a_beir_folder_becomes_an_index(catalogue, tmp_path):
    corpus = tmp_path / "corpus.jsonl.gz"
    lines = [
        b'{"_id": "b", "title": "", "text": "second", "metadata": {"lang": "en", "x": null, "year": 2}}\n',
        '{"_id": "a", "title": "标题", "text": "第一", "metadata": {}}\n'.encode(),
    ]
    corpus.write_bytes(gzip.compress(b"".join(lines)))
    report = import_documents(catalogue, "news", find_sources([str(tmp_path)]))
    assert (report.added, report.bad_total, report.index_created) == (2, 0, True)
    assert types(catalogue) == {"title": "text", "text": "text", "lang": "keyword", "year": "number"}
    assert catalogue.documents.list("news", 0, 9).documents == [
        Document("a", {"title": "标题", "text": "第一"}),
        Document("b", {"title": "", "text": "second", "lang": "en", "year": 2}),
    ]


def test_a_later_import_updates(catalogue, import_bytes):
    import_bytes(b'{"id": 1, "text": "a"}\n{"id": 2, "text": "b"}\n')
    report = import_bytes(
        b'{"id": 2, "text": "b+"}\n{"id": 3, "text": "c", "n": 1}\n{"id": "1", "text": "a"}'
    )
    assert (report.added, report.updated, report.unchanged, report.index_created) == (1, 1, 1, False)
    assert types(catalogue) == {"text": "text", "n": "number"}
    assert catalogue.documents.get("news", "2").fields == {"text": "b+"}


def test_settings_that_somebody_made_are_followed(catalogue, import_bytes):
    fields = {"plot": FieldSettings(type="text"), "title": FieldSettings(type="keyword")}
    catalogue.indexes.create("news", IndexSettings(fields=fields))
    import_bytes(b'{"id": 1, "title": "t", "plot": "p"}')
    assert types(catalogue) == {"plot": "text", "title": "keyword"}


def test_a_field_met_late_gets_a_type(catalogue, import_bytes):
    lines = [b'{"id": %d, "text": "a"}' % i for i in range(2500)] + [b'{"id": "x", "text": "a", "n": [1]}']
    assert import_bytes(b"\n".join(lines)).added == 2501
    assert types(catalogue) == {"text": "text", "n": "number"}


def test_texts_are_one_document_each(catalogue, tmp_path):
    folder = tmp_path / "texts"
    (folder / "deep").mkdir(parents=True)
    (folder / "天气.txt").write_text("今天\n\n天气", encoding="utf-8-sig")
    (folder / "deep" / "note.md").write_text("intro\n\n# The *title* #\n\n## part\ntext\n")
    (folder / "plain.md.gz").write_bytes(gzip.compress(b"#no heading\n"))
    (folder / "empty.txt").touch()
    import_documents(catalogue, "news", find_sources([str(folder)]))
    assert catalogue.documents.list("news", 0, 9).documents == [
        Document(
            "deep/note", {"title": "The *title*", "text": "intro\n\n# The *title* #\n\n## part\ntext\n"}
        ),
        Document("empty", {"title": "empty", "text": ""}),
        Document("plain", {"title": "plain", "text": "#no heading\n"}),
        Document("天气", {"title": "天气", "text": "今天\n\n天气"}),
    ]


def test_a_text_that_is_too_large_or_no_utf8_is_bad(import_bytes):
    for content, code in (
        (b"line\n" * 100, "too_large"),
        (b"x" * 500, "too_large"),
        (b"a\n\xff", "invalid_utf8"),
    ):
        report = import_bytes(content, "txt", skip_bad=True, max_document_bytes=200)
        assert [bad.code for bad in report.bad] == [code]


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_a_line(import_bytes):
    assert import_bytes(b'\xef\xbb\xbf{"id": 1, "text": "a"}\r\n\r\n{"id": 2, "text": "b"}\r\n').added == 2


def test_progress_is_told_and_may_stop_the_import(catalogue, import_bytes):
    told = []
    lines = b"".join(b'{"id": %d, "text": "a"}\n' % i for i in range(2500))
    import_bytes(lines, progress=lambda *each: told.append(each))
    reads = [("read", done, None) for done in (1000, 2000, 2500)]
    assert told == [*reads, ("store", 0, 2500), ("store", 2500, 2500)]

    def stop(phase, done, total):
        raise CanceledError("Stopped.")

    with pytest.raises(CanceledError):
        import_bytes(b'{"id": "new", "text": "a"}', progress=stop)
    assert catalogue.documents.count("news") == 2500


def test_a_bad_name_of_an_index_is_refused(catalogue):
    with pytest.raises(InputError, match="`News` cannot name an index"):
        import_documents(catalogue, "News", [])


strings = st.text(st.characters(exclude_categories=["Cs"]))
ids = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=512) | st.integers(
    0, 2**64 - 1
)
fields = st.dictionaries(strings.filter(lambda name: name not in ("id", "_id", "metadata")), strings)


@given(doc_id=ids, fields=fields, metadata=st.booleans())
def test_a_document_written_as_json_is_read_as_it_was(doc_id, fields, metadata):
    record = {"_id": doc_id, "metadata": fields} if metadata else {"id": doc_id, **fields}
    draft = parse_json(orjson.dumps(record))
    assert draft.doc_id == str(doc_id)
    assert draft.fields == fields
    assert draft.metadata == (set(fields) if metadata else set())
