"""The commands: what they print for people and for programs, and how they end."""

import gzip
import json
import subprocess
import sys
from itertools import chain

import pytest
from starlette.testclient import TestClient

from app.cli import main
from app.main import create_app
from app.settings import Settings
from indexer.database import Catalogue
from indexer.types import EncoderSettings
from tests.app.sample import EXAMPLES, sample, untimed
from tests.library import CATS_AND_DOGS, new_catalogue, store

QUERIES = str(EXAMPLES / "queries.jsonl")
QRELS = str(EXAMPLES / "qrels" / "test.tsv")
LINES = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in CATS_AND_DOGS)


@pytest.fixture
def run(data_dir, capsys):
    """Runs a command in the data folder: its status, what it printed, and what it said of errors."""

    def command(*arguments, folder=data_dir):
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments), "--data-dir", str(folder)])
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return ended.value.code, printed.out, printed.err

    return command


@pytest.fixture
def run_json(run):
    """The one JSON object that a command prints; it must have succeeded."""

    def command(*arguments, status=0, **options):
        code, out, err = run(*arguments, "--json", **options)
        assert (code, err) == (status, ""), out
        assert out.count("\n") == 1
        assert out.endswith("\n")
        return json.loads(out)

    return command


@pytest.fixture
def file(tmp_path):
    """Writes a file to import."""

    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_search_shows_the_hits_and_why(run):
    status, out, err = run("search", "news", "古筝 [/b] [red]", "--limit", 2, "--explain")
    assert (status, err) == (0, "")
    assert "古筝 [/b] [red] — " in out
    assert "gen-000001" in out
    assert "music-001" in out
    assert "words:古筝" in out


def test_search_gives_programs_what_http_gives(run_json, built):
    body = {
        "q": "河岸 bank",
        "limit": 3,
        "retrievers": ["bm25", "hashing"],
        "fusion": "linear",
        "explain": "full",
    }
    options = ["--limit", 3, "--retrievers", "bm25, hashing", "--fusion", "linear", "--explain"]
    found = untimed(run_json("search", "news", body["q"], *options))
    with TestClient(create_app(Settings(data_dir=built))) as client:
        served = untimed(client.post("/v1/indexes/news/search", json=body).json())
    assert found == {**served, "cursor": None}  # nobody keeps lists when the command has ended


def test_features_are_shown_and_given_to_programs(run, run_json):
    status, out, _ = run("features", "news", "music-022")
    assert status == 0
    for name in ("bow (count)", "tfidf", "bm25 (lucene)", "ngrams", "hashing, 256 dimensions"):
        assert name in out
    everything = run_json("features", "news", "music-022")
    assert everything["id"] == "music-022"
    assert run_json("features", "news", "music-022", "bm25") in everything["features"]


def test_a_folder_is_imported_and_what_comes_next_is_said(run, run_json):
    status, out, err = run("import", "examples", EXAMPLES)
    assert (status, err) == (0, "")
    assert "examples: 288 added, 0 updated, 0 unchanged" in out
    assert "title (text), text (text), lang (keyword), category (keyword), year (number)" in out
    assert "next: textprism reindex examples" in out
    again = run_json("import", "examples", EXAMPLES)
    assert again["report"] == {
        "added": 0,
        "updated": 0,
        "unchanged": 288,
        "bad": [],
        "bad_total": 0,
        "index_created": False,
    }
    assert list(again["fields"]) == ["title", "text", "lang", "category", "year"]


def test_files_of_every_kind_are_imported_together(run_json, file):
    paths = [
        file("a.jsonl", LINES),
        file("b.csv.gz", gzip.compress(b"id,text\n10,in a table\n")),
        file("c.md", "# A heading\n\nsome text"),
        file("d.txt", "whole text"),
    ]
    assert run_json("import", "mixed", *paths)["report"]["added"] == 6


@pytest.mark.parametrize(
    ("name", "content", "line", "words"),
    [
        ("a.jsonl", LINES + LINES, 4, "each `id` once"),
        ("a.jsonl", LINES + '{"id": "9", "text": ""}\n', 4, "some text was expected"),
        ("a.jsonl", LINES.encode() + b'{"id": "9", "text": "\xff"}\n', 4, "UTF-8"),
        ("a.jsonl.gz", gzip.compress(LINES.encode())[:-8], 4, "gzip stream ends here"),
        ("a.csv", "id,text\n1,x\n2\n", 3, "2 cells were expected"),
    ],
)
def test_a_bad_line_is_told_with_its_file_and_nothing_is_stored(
    run, run_json, file, name, content, line, words
):
    path = file(name, content)
    status, out, err = run("import", "refused", path)
    assert (status, out) == (1, "")
    assert err.startswith("error ")
    assert f"{path}:{line}: " in err
    assert words in err
    error = run_json("import", "refused", path, status=1)["error"]
    assert error["code"] == "bad_lines"
    assert [each["line"] for each in error["lines"]][-1] == (6 if "each" in words else line)
    assert run_json("search", "refused", "x", status=1)["error"]["code"] == "index_not_found"


def test_bad_lines_can_be_left_out_and_written_to_a_file(run, run_json, file, tmp_path):
    path = file("a.jsonl", LINES.encode() + b'bad\r\n{"id": "\xff"}\n' + LINES.encode()[:30])
    status, out, err = run("import", "skipped", path, "--skip-bad", tmp_path / "bad.jsonl")
    assert (status, err) == (0, "")
    assert "3 added" in out
    assert "3 bad lines left out" in out
    assert f"{path}:4: " in out
    assert (tmp_path / "bad.jsonl").read_bytes() == b'bad\n{"id": "\xff"}\n' + LINES.encode()[:30] + b"\n"
    report = run_json("import", "skipped", path, "--skip-bad", tmp_path / "again.jsonl")["report"]
    assert (report["unchanged"], report["bad_total"], len(report["bad"])) == (3, 3, 3)


def test_reindex_publishes_and_search_finds(run, run_json, file):
    assert run("import", "pets", file("a.jsonl", LINES))[0] == 0
    found = run_json("search", "pets", "猫")  # by words alone, before anything is built
    assert [hit["id"] for hit in found["hits"]][:1] == ["1"]
    assert "textprism reindex pets" in found["warnings"][0]
    status, out, err = run("reindex", "pets")
    assert (status, err) == (0, "")
    assert "pets: gen-000001 published, 3 documents, encoders: none" in out
    assert "note `word2vec` was left out" in " ".join(out.split())
    report = run_json("reindex", "pets", "--encoders", "none")["report"]
    assert report.pop("seconds") >= 0
    assert report.pop("changes")["documents"] == {"added": 0, "removed": 0, "changed": 0}
    assert report == {
        "generation": "gen-000002",
        "documents": 3,
        "encoders": [],
        "vectors": {},
        "warnings": [],
    }
    assert run_json("search", "pets", "猫")["hits"][0]["id"] == "1"


def test_settings_are_shown_and_changed(run, run_json):
    before = run_json("settings", "news")
    assert before["settings"]["encoders"] == {"hashing": EncoderSettings(type="hashing").model_dump()}
    changes = ["--set", "encoders.hashing.options.dims=64", "--set", 'views=["words", "word_bigrams"]']
    after = run_json("settings", "news", *changes)["settings"]
    assert after["encoders"]["hashing"]["options"] == {"dims": 64}
    assert after["views"] == ["words", "word_bigrams"]
    assert after["fields"] == before["settings"]["fields"]
    status, out, _ = run("settings", "news")
    assert status == 0
    assert json.loads(out) == after


def test_evaluate_measures_the_served_order(run, run_json):
    arguments = ["evaluate", "news", "--queries", QUERIES, "--qrels", QRELS]
    chosen = ["--retrievers", "bm25, hashing", "--fusion", "rrf", "--metrics", "ndcg@10,mrr@5"]
    report = run_json(*arguments, *chosen)
    assert list(report) == [
        "index",
        "generation",
        "profile",
        "retrievers",
        "fusion",
        "queries",
        "metrics",
        "seconds",
    ]
    assert report["index"] == "news"
    assert report["generation"] == "gen-000001"
    assert report["retrievers"] == ["bm25", "hashing"]
    assert report["fusion"] == "rrf"
    assert report["queries"] == 72
    assert list(report["metrics"]) == ["ndcg@10", "mrr@5"]
    assert all(0 < value < 1 for value in report["metrics"].values())
    assert run_json(*arguments, "--retrievers", "bm25")["fusion"] is None
    status, out, err = run(*arguments)
    assert (status, err) == (0, "")
    assert "bm25 + hashing by " in out
    assert "72 queries" in out
    assert all(name in out for name in ("ndcg@10", "recall@100", "mrr@10"))


def test_migrate_makes_a_catalogue_and_changes_none_that_is_there(run, run_json, tmp_path):
    folder = tmp_path / "a folder" / "new"
    first = run_json("migrate", folder=folder)
    assert list(first) == ["revision"]
    assert (folder / "textprism.db").exists()
    assert run_json("migrate", folder=folder) == first
    status, out, _ = run("migrate")
    assert status == 0
    assert f"is at revision {first['revision']}" in " ".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["search", "nope", "x"], "index_not_found", "Known: `news`"),
        (["search", "news", "x", "--retrievers", "bm26"], "unknown_retriever", "Did you mean `bm25`?"),
        (["search", "news", "x", "--retrievers", ","], "invalid_request", "retrievers"),
        (
            ["search", "news", "x", "--fusion", "x"],
            "unknown_fusion_method",
            "known: `combmnz`, `linear`, `rrf`",
        ),
        (["search", "news", "x", "--limit", "-1"], "invalid_request", "`limit`"),
        (["search", "news", "x" * 20_000], "query_too_long", "16,384 bytes"),
        (["search", "news", "\udcff"], "invalid_request", "lone surrogate"),
        (["search", "news", "(x", "--strict"], "query_syntax", "Position 0"),
        (["features", "news", "nope"], "document_not_found", "`nope`"),
        (["features", "news", "anim-001", "bert"], "feature_not_found", "`bm25`"),
        (["features", "news", "anim-001", "word2vec"], "feature_not_in_model", "`word2vec`"),
        (["reindex", "nope"], "index_not_found", "`news`"),
        (["reindex", "news", "--encoders", "bert"], "unknown_encoder", "known: `hashing`"),
        (["import", "BAD", QUERIES], "invalid_index_name", "`BAD` cannot name an index"),
        (["import", "new", "/nope"], "file_not_found", "`/nope`"),
        (["import", "new", "/dev/null"], "unknown_format", ".jsonl"),
        (["import", "new", "-"], "invalid_input", "csv, jsonl, md, txt"),
        (["import", "new", QUERIES, "--skip-bad", "/nope/bad"], "bad_file", "/nope/bad"),
        (["settings", "nope"], "index_not_found", "`news`"),
        (["settings", "news", "--set", "views"], "invalid_input", "PATH=VALUE"),
        (["settings", "news", "--set", "nope=1"], "invalid_input", "`nope`"),
        (["settings", "news", "--set", "views.a=1"], "invalid_input", "nothing inside `views`"),
        (["settings", "news", "--set", 'views=["x"]'], "unknown_view", "`words`"),
        (["settings", "news", "--set", "encoders.a.type=x"], "unknown_encoder_type", "`hashing`"),
        (["evaluate", "news", "--queries", "/nope", "--qrels", QRELS], "bad_file", "/nope"),
        (["evaluate", "news", "--queries", QUERIES, "--qrels", QUERIES], "bad_file", "queries.jsonl:1"),
        (
            ["evaluate", "news", "--queries", QUERIES, "--qrels", QRELS, "--metrics", "x"],
            "invalid_input",
            "NAME@K",
        ),
    ],
)
def test_what_fails_ends_with_1_and_says_what_to_do(run, run_json, arguments, code, words):
    error = run_json(*arguments, status=1)["error"]
    assert error["code"] == code
    assert words in error["message"]
    status, out, err = run(*arguments)
    assert (status, out) == (1, "")
    assert err.startswith("error ")
    assert words in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["nope"],
        ["search", "news"],
        ["search", "news", "x", "--limit", "many"],
        ["search", "news", "x", "--nope"],
        ["search", "\udcff", "x"],
        ["features", "news", "\udcff"],
        ["import", "new", "-", "--format", "xml"],
        ["evaluate", "news", "--queries", QUERIES],
        ["serve", "--port", "70000"],
    ],
)
def test_wrong_usage_ends_with_2(run, arguments):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert "Error" in err


@pytest.mark.parametrize("command", [["search", "news", "x"], ["migrate"], ["serve"]])
def test_a_data_folder_that_cannot_be_one_is_named(run, file, command):
    path = file("file", "")
    status, out, err = run(*command, folder=path)
    assert (status, out) == (1, "")
    assert str(path) in err


def test_a_catalogue_that_is_damaged_is_told(run, data_dir):
    (data_dir / "textprism.db").write_bytes(b"no database" * 1_000)
    status, _, err = run("search", "news", "x")
    assert status == 1
    assert "damaged" in err


def test_a_setting_of_the_environment_that_is_wrong_is_named(run, monkeypatch):
    monkeypatch.setenv("TEXTPRISM_MAX_JSON_BYTES", "many")
    status, _, err = run("search", "news", "x")
    assert status == 1
    assert "TEXTPRISM_MAX_JSON_BYTES" in err


def textprism(*arguments, **options):
    """The program as it is typed."""
    command = [sys.executable, "-c", "from app.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, timeout=120, **options)


def test_standard_input_is_imported(tmp_path):
    arguments = ["import", "piped", "-", "--format", "jsonl", "--json", "--data-dir", tmp_path]
    ended = textprism(*arguments, input=LINES.encode())
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert json.loads(ended.stdout)["report"]["added"] == 3
    with Catalogue.open(tmp_path) as catalogue:
        assert catalogue.documents.count("piped") == 3


def test_the_demo_puts_the_examples_through_everything(tmp_path):
    ended = textprism("demo", "--json", "--data-dir", tmp_path)
    assert (ended.returncode, ended.stderr) == (0, b"")
    told = json.loads(ended.stdout)
    assert told["build"]["documents"] == 288
    assert told["build"]["encoders"] == ["word2vec"]
    assert all(result["hits"] for ways in told["searches"].values() for result in ways.values())
    quality = {way: report["metrics"]["ndcg@10"] for way, report in told["quality"].items()}
    assert max(each for way, each in quality.items() if way.startswith("hybrid")) > quality["word2vec"]
    assert all(value > 0.4 for value in quality.values())


def test_a_batch_job_that_is_told_to_stop_leaves_nothing_behind(tmp_path):
    with new_catalogue(tmp_path) as catalogue:
        numbered = ({**each, "id": f"{each['id']}-{i}"} for i in range(50) for each in sample())
        store(catalogue, "news", chain(sample(), numbered))
    command = [sys.executable, "-m", "indexer", "build", "news", "--data-dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["phase"] == "analyse"
        process.terminate()
        last = json.loads(process.stdout.read().splitlines()[-1])
        assert process.stderr.read() == b""
    assert process.returncode == 1
    assert last["error"]["code"] == "canceled"
    assert [path.name for path in (tmp_path / "indexes" / "news").iterdir()] == ["build.lock"]


def test_a_profile_is_set_listed_used_and_gone_back_to(run, run_json):
    assert "the defaults rank" in run("profile", "news")[1]
    for settings in ('{"retrievers": ["bm25"]}', '{"retrievers": ["hashing"], "depth": 7}'):
        assert run("profile", "news", "default", "--set", settings)[0] == 0
    found = run_json("profile", "news", "default")["profiles"]
    assert [(each["version"], each["active"]) for each in found] == [(1, False), (2, True)]
    assert run_json("search", "news", "水")["total"]["value"] == 7
    assert "default@1 active" in run("profile", "news", "default", "--activate", 1)[1]
    assert run_json("search", "news", "水")["profile"] == "default@1"
    assert run_json("search", "news", "水", "--profile", "default@2")["total"]["value"] == 7
    assert [each["version"] for each in run_json("profile", "news")["profiles"]] == [1]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["news", "default", "--set", "{"], 1, "would be wrong"),
        (["news", "default", "--set", '{"depth": 0}'], 1, "`depth`"),
        (["news", "default", "--set", '{"retrievers": ["bm52"]}'], 1, "Did you mean `bm25`?"),
        (["news", "No Name", "--set", "{}"], 1, "cannot name a profile"),
        (["news", "default", "--activate", "3"], 1, "no profile `default`"),
        (["nowhere", "default"], 1, "no index `nowhere`"),
        (["news", "--set", "{}"], 2, "NAME"),
    ],
)
def test_a_profile_that_is_wrong_is_refused(run, arguments, status, said):
    code, _, err = run("profile", *arguments)
    assert (code, said in err) == (status, True), err


def test_what_is_like_a_document_is_found_without_it(run, run_json):
    found = run_json("search", "news", "--like", "music-001", "--limit", 5)["hits"]
    assert len(found) == 5
    assert "music-001" not in [hit["id"] for hit in found]
    assert run("search", "news", "--like", "music-001")[1].startswith("like music-001 — ")
    assert "no document `nobody`" in run("search", "news", "--like", "nobody")[2]


def test_a_search_narrows_sorts_counts_and_marks(run, run_json):
    found = run_json(
        "search", "news", "水 water", "--filter", "lang = zh", "--sort", "year:desc", "--limit", 5
    )
    years = [hit["document"]["year"] for hit in found["hits"]]
    assert years == sorted(years, reverse=True)
    assert {hit["document"]["lang"] for hit in found["hits"]} == {"zh"}
    status, out, _ = run("search", "news", "水 water", "--facets", "lang, year", "--highlight", "text")
    assert status == 0
    assert "lang: " in out
    assert "year: " in out


def test_spelling_says_what_was_meant_and_search_suggests_it(run, run_json):
    code, out, _ = run("spelling", "news", "recal prezision")
    assert code == 0
    answer = run_json("spelling", "news", "the prezision", "--limit", "1")
    [_, word] = answer["words"]
    assert (word["text"], word["correction"]) == ("prezision", "precision")
    assert answer["corrected"] == "the precision"
    assert out.splitlines()[0] == "recal precision"
    assert "prezision: precision" in out
    assert "did you mean: precision" in run("search", "news", "prezision")[1]
    assert run("spelling", "news", "precision")[1] == "nothing to correct\n"


def test_suggest_says_how_a_query_goes_on_and_by_what(run, run_json):
    code, out, _ = run("suggest", "news", "precisio", "--limit", "1")
    assert (code, out.startswith("precision (ngrams) precision: documents ")) == (0, True)
    [first, *_] = run_json("suggest", "news", "prezision")["suggestions"]
    assert (first["text"], first["source"], first["rest"]) == ("precision", "spelling", None)
    assert run("suggest", "news", "zyzzyvazz")[1] == ""


def test_spelling_of_nothing_is_told(run):
    code, _, err = run("spelling", "news", " ")
    assert (code, "A query is wanted" in err) == (1, True)
