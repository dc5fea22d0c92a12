"""`textprism generations`, `activate`, `delete`, and what `reindex` and `settings` say of changes."""

import json

import pytest

from app.cli import main
from indexer.generation import IndexFolder


@pytest.fixture
def run(data_dir, capsys):
    """Runs a command in the data folder: its status, what it printed, and what it said of errors."""

    def command(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--data-dir", str(data_dir)])
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return ended.value.code, printed.out, printed.err

    return command


def test_generations_are_listed_and_activated(run, data_dir):
    assert run("reindex", "news", "--keep-encoders")[0] == 0
    status, out, _ = run("generations", "news")
    first, second = out.splitlines()
    assert status == 0
    assert first.startswith("  gen-000001 42 documents, changes up to 42, ")
    assert second.startswith("* gen-000002 42 documents")
    assert run("activate", "news", "gen-000001") == (0, "news: gen-000001 is served\n", "")
    assert IndexFolder(data_dir, "news").current() == "gen-000001"
    kept = json.loads(run("generations", "news", "--json")[1])["generations"]
    assert [(each["name"], each["current"]) for each in kept] == [("gen-000001", True), ("gen-000002", False)]
    assert json.loads(run("activate", "news", "gen-000002", "--json")[1]) == {
        "index": "news",
        "generation": "gen-000002",
    }
    status, out, err = run("activate", "news", "gen-000007")
    assert (status, out) == (1, "")
    assert "Known: `gen-000001`, `gen-000002`" in " ".join(err.split())
    assert "no index `nowhere`" in run("activate", "nowhere", "gen-000001")[2]


def test_reindex_tells_what_changes(run, tmp_path):
    file = tmp_path / "more.jsonl"
    file.write_text('{"id": "x", "text": "zebrafish [b] swim in aquariums"}\n')
    assert run("import", "news", str(file))[0] == 0
    status, out, _ = run("reindex", "news")
    assert status == 0
    assert "since gen-000001: 1 documents added, 0 removed, 0 changed" in out
    assert "  words: " in out
    assert " new, 0 gone" in out
    assert "sample queries stay: bm25 " in out
    changes = json.loads(run("reindex", "news", "--json")[1])["report"]["changes"]
    assert changes["overlap"] == {"bm25": 1.0, "hashing": 1.0}


def test_settings_say_what_they_need(run):
    assert run("settings", "news")[2] == ""
    status, out, err = run("settings", "news", "--set", "encoders.hashing.vectors=HNSW16")
    assert status == 0
    assert json.loads(out)["encoders"]["hashing"]["vectors"] == "HNSW16"
    keeping = (
        "pending: re-encoding, by `textprism reindex news --keep-encoders`: it encodes anew with `hashing`."
    )
    assert err == f"{keeping}\n"
    out = run("settings", "news", "--set", "encoders.hashing.options.dims=64", "--json")[1]
    assert json.loads(out)["pending"]["retraining"] == ["hashing"]
    assert "by `textprism reindex news`: it makes anew `hashing`." in run("settings", "news")[2]
    assert json.loads(run("settings", "other", "--set", "positions=false", "--json")[1])["pending"] is None


def test_an_index_is_deleted_only_where_that_is_meant(run, data_dir):
    with IndexFolder(data_dir, "news").building():
        assert "held by another process" in " ".join(run("delete", "news", "--yes")[2].split())
    status, _, err = run("delete", "news")  # nobody answers
    assert status == 1
    assert "Remove news with 42 documents?" in err
    assert run("delete", "news", "--yes") == (0, "news: removed with 42 documents\n", "")
    assert run("delete", "news", "--yes")[0] == 1
    assert not (data_dir / "indexes" / "news").exists()
