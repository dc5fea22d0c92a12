"""What rerankers and readers learn from: texts of the index in place of keys, answers where they stand."""

import json

import pytest

from app.evaluation import answered_examples, judged_examples, read_judgements, read_queries, read_squad
from app.search.engines import Engines
from indexer.build import build_generation
from indexer.errors import BadFileError
from indexer.pretraining import Answered, Judged
from indexer.types import no_progress
from tests.library import CATS_AND_DOGS, new_catalogue, store

QUERIES = [
    {"_id": "q1", "text": "喜欢 鱼", "answers": [{"text": "狗", "start": -1}, {"text": "喜欢", "start": 2}]},
    {"_id": "q2", "text": "fish", "answers": [{"text": "fish", "start": 10}]},
    {"_id": "q3", "text": "nobody judged this"},
    {"_id": "q4", "text": "dogs", "answers": [{"text": "dogs", "start": 0}]},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\t1\t1\nq2\t3\t2\nq2\tgone\t1\nq4\t3\t1\nq3\t1\t0\n"


@pytest.fixture
def catalogue(tmp_path):
    with new_catalogue(tmp_path) as opened:
        store(opened, "pets", CATS_AND_DOGS)
        (tmp_path / "queries.jsonl").write_text("".join(json.dumps(each) + "\n" for each in QUERIES))
        (tmp_path / "qrels.tsv").write_text(QRELS)
        yield opened


def test_a_judged_query_has_relevant_texts_and_others_that_bm25_finds(catalogue, tmp_path):
    build_generation(catalogue, tmp_path, "pets")
    queries, judgements = (
        list(read_queries(tmp_path / "queries.jsonl")),
        read_judgements(tmp_path / "qrels.tsv"),
    )
    engine = Engines(catalogue, tmp_path).get("pets")
    assert judged_examples(catalogue, engine, queries, judgements, no_progress) == [
        Judged("喜欢 鱼", ["猫\n猫 喜欢 鱼"], ["狗\n狗 不 喜欢 鱼"]),
        Judged("fish", ["Cats\nCats like fish, dogs do not."], []),
        Judged("dogs", ["Cats\nCats like fish, dogs do not."], []),
    ]


def test_an_answer_is_one_that_stands_where_it_is_said_to(catalogue, tmp_path):
    judgements = read_judgements(tmp_path / "qrels.tsv")
    assert answered_examples(catalogue, "pets", tmp_path / "queries.jsonl", judgements) == [
        Answered("喜欢 鱼", "猫 喜欢 鱼", 2, 4),
        Answered("fish", "Cats like fish, dogs do not.", 10, 14),
    ]


def test_a_squad_file_is_read(tmp_path):
    path = tmp_path / "squad.json"
    questions = [
        {"question": "who?", "answers": [{"text": "Cats", "answer_start": 0}]},
        {"question": "why?", "answers": [], "is_impossible": True},
    ]
    squad = {"data": [{"paragraphs": [{"context": "Cats like fish.", "qas": questions}]}]}
    path.write_text(json.dumps(squad))
    assert read_squad(path) == [Answered("who?", "Cats like fish.", 0, 4)]
    for content in ("", "[]", "{}", '{"data": [{"paragraphs": 3}]}', '{"data": 1}'):
        path.write_text(content)
        with pytest.raises(BadFileError, match="in the form of SQuAD"):
            read_squad(path)
    with pytest.raises(BadFileError, match="cannot be read"):
        read_squad(tmp_path / "nowhere")


@pytest.mark.parametrize("line", ["{", "[]", '{"_id": "q1", "answers": 3}', '{"_id": "q1", "answers": [{}]}'])
def test_a_line_that_is_no_question_is_told_with_its_place(catalogue, tmp_path, line):
    path = tmp_path / "queries.jsonl"
    path.write_text(f"{json.dumps(QUERIES[1])}\n{line}\n")
    with pytest.raises(BadFileError, match=r"queries\.jsonl:2: wanted"):
        answered_examples(catalogue, "pets", path, read_judgements(tmp_path / "qrels.tsv"))
