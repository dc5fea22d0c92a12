"""Reading query sets and judgements: the three formats, and every way a line can be wrong."""

from pathlib import Path

import pytest

from app.evaluation import Query, read_judgements, read_queries
from indexer.errors import BadFileError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is not there yet."""
    return tmp_path / "given"


def test_queries_are_read_in_order(path: Path) -> None:
    path.write_text(
        '{"_id": "q2", "text": "搜索", "metadata": {}}\n\n{"_id": 1, "text": "search"}\n', "utf-8"
    )
    assert list(read_queries(path)) == [Query("q2", "搜索"), Query("1", "search")]


def test_queries_are_streamed(path: Path) -> None:
    path.write_text('{"_id": "q1", "text": "good"}\nbad\n')
    queries = read_queries(path)
    assert next(queries) == Query("q1", "good")
    with pytest.raises(BadFileError):
        next(queries)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"{", "no JSON"),
        (b'{"_id": "q", "text": "\xff"}', "no JSON"),
        (b'["q"]', "found list"),
        (b'{"text": "x"}', "`_id`, found nothing"),
        (b'{"_id": "", "text": "x"}', "`_id`"),
        (b'{"_id": true, "text": "x"}', "`_id`, found `True`"),
        (b'{"_id": "q"}', "`text`, found nothing"),
        (b'{"_id": "q", "text": 5}', "`text`, found `5`"),
        (b'{"_id": "q1", "text": "again"}', "twice"),
    ],
)
def test_a_bad_query_names_file_and_line(path: Path, line: bytes, found: str) -> None:
    path.write_bytes(b'{"_id": "q1", "text": "good"}\n' + line + b"\n")
    with pytest.raises(BadFileError, match=found) as error:
        list(read_queries(path))
    assert error.value.message.startswith(f"{path}:2: ")


def test_beir_judgements_are_read(path: Path) -> None:
    path.write_text("query-id\tcorpus-id\tscore\nq1\tdoc 1\t2\nq1\td2\t0\nq2\td1\t-1\n")
    assert read_judgements(path) == {"q1": {"doc 1": 2, "d2": 0}, "q2": {"d1": -1}}


def test_trec_judgements_are_read(path: Path) -> None:
    path.write_text("q1 0 d1 2\nq1\t0\td2\t0\n\nq2  Q0  d1  1\n")
    assert read_judgements(path) == {"q1": {"d1": 2, "d2": 0}, "q2": {"d1": 1}}


def test_byte_order_mark_and_windows_line_ends_are_taken(path: Path) -> None:
    path.write_bytes("\ufeffquery-id\tcorpus-id\tscore\r\nq1\td1\t1\r\n".encode())
    assert read_judgements(path) == {"q1": {"d1": 1}}


def test_a_judgement_may_stand_twice_with_the_same_grade(path: Path) -> None:
    path.write_text("q1 0 d1 1\nq1 0 d1 1\n")
    assert read_judgements(path) == {"q1": {"d1": 1}}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"q1 d2 1", "separated by tabs"),
        (b"q1\td2", "separated by tabs"),
        (b"q1\t\t1", "separated by tabs"),
        (b"q1\td2\t1\t1", "separated by tabs"),
        (b"q1\td2\t1.0", "whole number as the grade, found `1.0`"),
        (b"q1\td2\t", "whole number"),
        (b"q1\td2\t1_0", "whole number"),
        (b"q1\td2\t99999999999999999999", "whole number"),
        (b"q1\t\xff\t1", "UTF-8"),
        (b"q1\td1\t2", "two grades for query `q1`, 1 and 2"),
    ],
)
def test_a_bad_beir_judgement_names_file_and_line(path: Path, line: bytes, found: str) -> None:
    path.write_bytes(b"query-id\tcorpus-id\tscore\nq1\td1\t1\n" + line + b"\n")
    with pytest.raises(BadFileError, match=found) as error:
        read_judgements(path)
    assert error.value.message.startswith(f"{path}:3: ")


@pytest.mark.parametrize("line", ["query\tdocument\tgrade", "q1\td1\t1", "q1 0 d1", "q1 0 d1 1 run"])
def test_a_first_line_of_neither_format_says_both(path: Path, line: str) -> None:
    path.write_text(line + "\n")
    with pytest.raises(BadFileError, match=r"TREC.*query-id, corpus-id, score.*BEIR") as error:
        read_judgements(path)
    assert error.value.message.startswith(f"{path}:1: ")


def test_files_that_cannot_be_opened_are_named(path: Path) -> None:
    with pytest.raises(BadFileError, match="No such file"):
        list(read_queries(path))
    with pytest.raises(BadFileError, match="directory"):
        read_judgements(path.parent)


def test_an_empty_file_holds_no_judgement(path: Path) -> None:
    path.write_bytes(b"")
    assert read_judgements(path) == {}
