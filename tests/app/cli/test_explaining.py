"""`textprism explain`, on a terminal, in Markdown and as JSON."""

import json
import re

import pytest

from app.cli import main
from app.cli.tables import Shown, in_markdown


@pytest.fixture
def run(built, capsys):
    """What a command that succeeds prints; nothing is written by any of these."""

    def command(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments), "--data-dir", str(built)])
        printed = capsys.readouterr()
        assert (ended.value.code, printed.err) == (0, "")
        return printed.out

    return command


def test_people_read_where_it_fell_and_what_would_bring_it_there(run):
    out = run("explain", "news", "music-022", "river bank", "--limit", 2, "--effects")
    assert out.startswith("music-022 for river bank: It is ")
    for title in (
        "What brings it among the first 2",
        "Lists",
        "Steps",
        "Above it",
        "The first 2 without a word",
    ):
        assert title in out
    assert re.search(r"Add `\S+` to the query\.", out)


def test_markdown_has_a_table_of_parts_with_their_pages(run):
    out = run("explain", "news", "city-034", "river bank", "--retrievers", "bm25", "--markdown")
    assert out.startswith("## city-034 for river bank: It is hit 1.\n")
    assert "| part | value | adds | formula | told in |\n| --- | ---: | ---: | --- | --- |\n" in out
    assert "| · words:bank |" in out
    assert "| bm25.lucene | docs/scoring.md#bm25 |" in out


def test_programs_get_one_object(run):
    arguments = ("explain", "news", "city-034", "river bank", "--json")
    found = json.loads(run(*arguments))
    assert (found["id"], found["stage"], found["rank"]) == ("city-034", "hit", 1)
    both = json.loads(run(*arguments, "--effects"))
    assert both["explanation"]["parts"] == found["parts"]
    assert [each["term"] for each in both["counterfactuals"]["terms"]] == ["river", "bank"]


def test_what_is_missing_is_said(built, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["explain", "news", "nobody", "river", "--data-dir", str(built)])
    assert ended.value.code == 1
    assert "nobody" in capsys.readouterr().err


def test_no_text_breaks_a_markdown_table():
    out = in_markdown("a|b", [Shown("t", ("x", "#n"), [["p|q\nr\\", "1"]]), Shown("empty", ("x",), [])])
    assert out == "## a\\|b\n\n### t\n\n| x | n |\n| --- | ---: |\n| p\\|q r\\\\ | 1 |\n"
