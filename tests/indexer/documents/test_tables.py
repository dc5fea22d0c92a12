import pytest

from indexer.errors import BadFileError, BadLinesError
from indexer.types import Document


def types(catalogue):
    return {name: each.type for name, each in catalogue.indexes.get("news").settings.fields.items()}


def test_columns_become_typed_fields(catalogue, import_bytes):
    content = """id,title,year,price,code,note
1,天气 weather,1999,1.5,007,
2,"a ""quoted""
title, two lines",2001,-2e3,010,42
"""
    assert import_bytes(content.encode(), "csv").added == 2
    assert types(catalogue) == {
        "title": "text",
        "year": "number",
        "price": "number",
        "code": "keyword",
        "note": "number",
    }
    assert catalogue.documents.list("news", 0, 9).documents == [
        Document("1", {"title": "天气 weather", "year": 1999, "price": 1.5, "code": "007"}),
        Document(
            "2",
            {
                "title": 'a "quoted"\ntitle, two lines',
                "year": 2001,
                "price": -2000.0,
                "code": "010",
                "note": 42,
            },
        ),
    ]


def test_cells_become_what_the_index_has(catalogue, import_bytes):
    import_bytes(b'{"id": "j", "text": "a", "year": 1, "open": false, "code": "x", "extra": {"a": 1}}')
    import_bytes(b"_id,text,year,open,code,extra\nc,b,2,TRUE,3,4\n", "csv")
    assert catalogue.documents.get("news", "c").fields == {
        "text": "b",
        "year": 2,
        "open": True,
        "code": "3",
        "extra": "4",
    }


def test_a_column_of_numbers_named_like_a_text_is_text(catalogue, import_bytes):
    import_bytes(b"id,text\n1,5\n2,6\n", "csv")
    assert types(catalogue) == {"text": "text"}


def test_long_cells_are_text(catalogue, import_bytes):
    import_bytes(b"id,remark,text\n1,%s,a\n2,b,c\n" % (b"x" * 65), "csv")
    assert types(catalogue)["remark"] == "text"


def test_windows_line_ends_a_byte_order_mark_and_blank_lines_are_read(catalogue, import_bytes):
    assert import_bytes(b"\xef\xbb\xbf\r\nid, text\r\n1,a\r\n\r\n2,b\r\n", "csv").added == 2
    assert catalogue.documents.get("news", "2").fields == {"text": "b"}


def test_bad_rows_are_named_by_the_line_they_begin_at(catalogue, import_bytes):
    content = (
        b'id,text,n\n1,"two\nlines",1\n2,b\n3,c,3,4\n,d,4\n5,\xff,5\n6,"e"f,6\n'
        b'1,g,7\n8,,8\n9,h,x\n10,good,10\n11,"open,11\n'
    )
    kept = []
    report = import_bytes(content, "csv", skip_bad=True, on_bad_line=lambda bad, raw: kept.append(raw))
    assert [(bad.line, bad.code) for bad in report.bad] == [
        (4, "wrong_cell_count"),
        (5, "wrong_cell_count"),
        (6, "empty_id"),
        (7, "invalid_utf8"),
        (8, "invalid_csv"),
        (9, "duplicate_id"),
        (10, "empty_document"),
        (13, "invalid_csv"),
    ]
    assert report.bad[0].detail == "3 cells were expected as in the header, found 2"
    assert kept[0] == b"2,b\n"
    assert kept[4] == b'6,"e"f,6\n'
    assert report.added == 3


@pytest.mark.parametrize("row", [b"2,%s" % (b"x" * 300), b'2,"%s' % (b"no,row\n" * 60)])
def test_a_row_over_the_bound_ends_the_table(catalogue, import_bytes, row):
    content = b"\n".join([b"id,text", b"1,ok", row, b"3,lost"])
    report = import_bytes(content, "csv", skip_bad=True, max_document_bytes=200)
    assert [each.doc_id for each in catalogue.documents.list("news", 0, 9).documents] == ["1"]
    assert [(bad.line, bad.code) for bad in report.bad] == [(3, "too_large")]
    assert report.bad[0].detail.endswith("; the table was not read beyond it")


def test_lines_of_a_bad_row_are_not_taken_for_rows(catalogue, import_bytes):
    report = import_bytes(b'id,text\n1,"a\n\xff\nno,row\n"\n2,ok\n', "csv", skip_bad=True)
    assert [each.doc_id for each in catalogue.documents.list("news", 0, 9).documents] == ["2"]
    assert [(bad.line, bad.code) for bad in report.bad] == [(2, "invalid_utf8")]


def test_a_cell_may_be_as_long_as_a_document(import_bytes):
    assert import_bytes(b"id,text\n1,%s\n" % (b"x" * 1_000_000), "csv").added == 1


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("id,text,text", "upload:1: each column once was expected in the header, twice: `text`"),
        ("title,text", "upload:1: a column `id` was expected in the header, found `title`, `text`"),
        ("id,,text", "upload:1: column 2 of the header has no name"),
        ('id,"text', "upload:1: a row of CSV was expected"),
    ],
)
def test_a_header_that_is_none_ends_the_import(catalogue, import_bytes, header, message):
    with pytest.raises(BadFileError) as caught:
        import_bytes(f"{header}\n1,a,b\n".encode(), "csv", skip_bad=True)
    assert caught.value.message.startswith(message)
    assert catalogue.indexes.list() == []


def test_an_empty_table_has_no_documents(import_bytes):
    assert import_bytes(b"", "csv").added == 0
    assert import_bytes(b"id,text\n", "csv").added == 0


def test_a_number_that_comes_late_is_bad_when_it_does_not_fit(import_bytes):
    rows = [b"id,text,n", *(b"%d,a,%d" % (i, i) for i in range(1000)), b"x,a,many"]
    with pytest.raises(BadLinesError) as caught:
        import_bytes(b"\n".join(rows), "csv")
    assert [(bad.line, bad.code) for bad in caught.value.lines] == [(1002, "wrong_type")]
