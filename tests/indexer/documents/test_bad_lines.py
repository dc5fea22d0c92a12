"""Every way in which a line can be bad, and what is said of it."""

import gzip
import io

import pytest

from indexer.documents.faults import Fault
from indexer.documents.importing import import_documents
from indexer.documents.readers import read_records
from indexer.documents.sources import Source, find_sources
from indexer.errors import BadFileError, BadLine, BadLinesError
from indexer.types import Document

GOOD = b'{"id": "good", "text": "some text"}\n'

DEEP = b"[" * 300 + b"]" * 300

LINES = {
    b'{"id": "x", "text": tru}': ("invalid_json", "column 21: "),
    b'{"id": "x", "text": "cut': ("invalid_json", "a JSON object was expected; column "),
    b'{"id": "x", "text": "a"} {}': ("invalid_json", "column 26: "),
    b'{"id": "x", "text": "a", "n": NaN}': ("invalid_json", "column 31: "),
    b'{"id": "x", "text": "a", "n": -Infinity}': ("invalid_json", "column 32: "),
    b'{"id": "x", "text": "a", "n": 1e999}': ("invalid_json", "column 31: "),
    b'{"id": "x", "text": "a\x00b"}': ("invalid_json", "column 23: "),
    b'{"id": "x", "text": "\\ud83d"}': ("lone_surrogate", "surrogate"),
    b'{"id": "x", "text": "a\xffb"}': ("invalid_utf8", "byte 23 (0xff) is not"),
    b'{"id": "x", "text": "\xed\xa0\x80"}': ("invalid_utf8", "byte 22 (0xed) is not"),
    b'["x"]': ("not_an_object", "found a list"),
    b'"x"': ("not_an_object", 'found "x"'),
    b"null": ("not_an_object", "found null"),
    b'{"text": "a"}': ("missing_id", "an `id` was expected, there is none"),
    b'{"id": null, "text": "a"}': ("missing_id", "there is none"),
    b'{"id": "", "text": "a"}': ("empty_id", "it is empty"),
    b'{"id": 1.5, "text": "a"}': ("invalid_id", "found 1.5"),
    b'{"id": true, "text": "a"}': ("invalid_id", "found true"),
    b'{"id": ["x"], "text": "a"}': ("invalid_id", "found a list"),
    b'{"id": "x", "_id": "y", "text": "a"}': ("two_ids", "there are `id` and `_id`"),
    b'{"id": "%s", "text": "a"}' % (b"i" * 513): ("id_too_long", "at most 512 characters was expected"),
    b'{"id": "a\\u0000b", "text": "a"}': ("control_character_in_id", "found U+0000"),
    b'{"id": "a\\nb", "text": "a"}': ("control_character_in_id", "found U+000A"),
    b'{"id": "a\xc2\x85b", "text": "a"}': ("control_character_in_id", "found U+0085"),
    b'{"id": "good", "text": "again"}': ("duplicate_id", "`good` is at upload:1 already"),
    b'{"id": "x"}': ("empty_document", "some text was expected in `text`"),
    b'{"id": "x", "text": " \\n"}': ("empty_document", "some text was expected in `text`"),
    b'{"id": "x", "text": [], "topic": "a"}': ("empty_document", "some text was expected in `text`"),
    b'{"id": "x", "text": 5}': ("wrong_type", "field `text` is of type `text`: a string was expected"),
    b'{"id": "x", "text": {"a": 1}}': ("wrong_type", "found an object"),
    b'{"id": "x", "text": ["a", 1]}': ("wrong_type", "found a list"),
    b'{"id": "x", "text": "a", "metadata": {"text": 1}}': ("duplicate_field", "`text` is in `metadata`"),
    b'{"id": "x", "text": "a", "metadata": {"_id": 1}}': ("duplicate_field", "`_id` is in `metadata`"),
    b'{"id": "x", "text": "a", "deep": %s}' % DEEP: ("nested_too_deeply", "at most 250 deep"),
    b'{"id": "x", "text": "%s"}' % (b"a" * 2000): ("too_large", "at most 1,000 bytes was expected"),
}  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), LINES.items(), ids=lambda value: str(value)[:60])
def test_a_bad_line_is_named_and_stops_the_import_or_is_left_out(catalogue, import_bytes, line, expected):
    content = GOOD + b"\n  \n" + line + b'\n{"id": "last", "text": "more"}'
    with pytest.raises(BadLinesError) as caught:
        import_bytes(content, max_document_bytes=1000)
    (bad,) = caught.value.lines
    code, detail = expected
    assert (bad.source, bad.line, bad.code, caught.value.total) == ("upload", 4, code, 1)
    assert detail in bad.detail
    assert catalogue.indexes.list() == []

    kept = []
    report = import_bytes(
        content,
        max_document_bytes=1000,
        skip_bad=True,
        on_bad_line=lambda *each: kept.append(each),
    )
    assert (report.added, report.bad_total, report.bad) == (2, 1, [bad])
    assert kept == [(bad, (line + b"\n")[:1001])]
    assert [each.doc_id for each in catalogue.documents.list("news", 0, 9).documents] == ["good", "last"]


def test_a_value_that_does_not_fit_what_the_index_has_is_bad(import_bytes):
    import_bytes(b'{"id": 1, "text": "a", "year": 1999, "open": true, "tags": ["x"]}')
    content = b"".join(
        b'{"id": %d, "text": "a", %s}\n' % (number, field)
        for number, field in enumerate(
            [b'"year": "1999"', b'"year": true', b'"open": 0', b'"open": "true"', b'"tags": 5', b'"tags": {}']
        )
    )
    with pytest.raises(BadLinesError) as caught:
        import_bytes(content)
    assert [(bad.line, bad.code, bad.doc_id) for bad in caught.value.lines] == [
        (number + 1, "wrong_type", str(number)) for number in range(6)
    ]
    assert str(caught.value.lines[0]) == (
        'upload:1: field `year` is of type `number`: a number was expected, found "1999"'
    )


def test_bad_lines_are_told_in_their_order_and_counted_beyond_the_list(import_bytes):
    lines = [b"{}", GOOD.strip(), GOOD.strip(), b'{"id": "e"}'] + [b"[]"] * 2000
    with pytest.raises(BadLinesError, match=r"^2003 bad line\(s\), nothing was imported") as caught:
        import_bytes(b"\n".join(lines))
    found = caught.value.lines
    assert caught.value.total == 2003
    assert len(found) == 1000
    assert [bad.line for bad in found] == [1, *range(3, 1002)]
    assert [bad.code for bad in found[:3]] == ["missing_id", "duplicate_id", "empty_document"]


def test_the_first_of_two_stands_across_sources_and_batches(catalogue, import_bytes):
    lines = [b'{"id": "%d", "text": "first"}' % (i % 1500) for i in range(1503)]
    report = import_bytes(b"\n".join(lines), skip_bad=True)
    assert (report.added, report.bad_total) == (1500, 3)
    assert report.bad[2] == BadLine(
        "upload", 1503, "duplicate_id", "each `id` once was expected, `2` is at upload:3 already", "2"
    )
    assert catalogue.documents.count("news") == 1500


def test_a_bad_document_does_not_take_the_id_from_a_good_one(catalogue, import_bytes):
    report = import_bytes(b'{"id": 1}\n{"id": 1, "text": "good"}', skip_bad=True)
    assert (report.added, report.bad_total) == (1, 1)
    assert catalogue.documents.get("news", "1") == Document("1", {"text": "good"})


def test_a_line_without_an_end_takes_no_more_memory_than_the_bound(import_bytes):
    class Long(io.BytesIO):
        """100 MB of one line, made as it is read."""

        left = 100_000_000

        def readline(self, size=-1):
            assert 0 <= size <= 10_001
            taken = min(size or 0, self.left)
            self.left -= taken
            return b"x" * taken

    (record,) = read_records(Source("long", "jsonl", Long), 10_000)
    assert isinstance(record.content, Fault)
    assert record.content.code == "too_large"
    assert len(record.raw) == 10_001


@pytest.mark.parametrize("cut", [0, 5, 60, -9, -1])
def test_a_truncated_gzip_is_a_bad_line_where_it_ends(import_bytes, cut):
    content = b"".join(b'{"id": %d, "text": "some text %d"}\n' % (i, i * i) for i in range(1000))
    with pytest.raises(BadLinesError) as caught:
        import_bytes(gzip.compress(content)[:cut], gzipped=True)
    (bad,) = caught.value.lines
    assert bad.code == "truncated_gzip"
    assert bad.line <= 1001


def test_what_comes_before_the_cut_of_a_gzip_can_be_kept(import_bytes):
    content = b"".join(b'{"id": %d, "text": "some text %d"}\n' % (i, i * i) for i in range(1000))
    packed = gzip.compress(content)
    report = import_bytes(packed[: len(packed) // 2], gzipped=True, skip_bad=True)
    assert 100 < report.added < 900
    assert [(bad.code, bad.line) for bad in report.bad] == [("truncated_gzip", report.added + 1)]


def test_a_damaged_gzip_is_a_bad_line(import_bytes):
    packed = bytearray(gzip.compress(GOOD * 50))
    packed[-6] ^= 1  # the checksum
    for content in (bytes(packed), b"no gzip at all", packed[:10] + b"\xff" * 50):
        with pytest.raises(BadLinesError) as caught:
            import_bytes(bytes(content), gzipped=True)
        assert caught.value.lines[-1].code == "corrupt_gzip"


def test_a_file_that_cannot_be_read_is_named(tmp_path, catalogue):
    (tmp_path / "a.jsonl").touch()
    sources = find_sources([str(tmp_path / "a.jsonl")])
    (tmp_path / "a.jsonl").unlink()
    with pytest.raises(BadFileError, match=r"a\.jsonl cannot be read: No such file"):
        import_documents(catalogue, "news", sources)
