"""Queries with a misspelled word each: a space that is made of characters must bear them better."""

import json
from pathlib import Path

import numpy as np
import pytest

from app.evaluation import evaluate, parse_metric, read_judgements, read_queries
from app.evaluation.judgements import Query
from app.search.engines import Engines
from app.search.request import search_request
from app.search.searcher import served_ids
from indexer.build import build_generation
from indexer.types import EncoderSettings, IndexSettings
from tests.app.sample import EXAMPLES
from tests.library import new_catalogue, store

CRANFIELD = Path(__file__).parents[4] / "shared" / "data" / "cranfield-en"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def misspelled(text: str, rng: np.random.Generator) -> str:
    """The text with one letter of each second long English word left out, doubled, exchanged or changed."""
    words = text.split()
    long_ones = [place for place, word in enumerate(words) if len(word) > 5 and word.isascii()]
    for place in long_ones[::2]:
        word, at = words[place], int(rng.integers(1, len(words[place]) - 2))
        words[place] = [
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + LETTERS[int(rng.integers(26))] + word[at + 1 :],
        ][int(rng.integers(4))]
    return " ".join(words)


def qualities(folder: Path, corpus: Path) -> dict[str, float]:
    """nDCG@10 of each space on the queries of a collection, each with misspelled words; seeded."""
    documents = [json.loads(line) for line in (corpus / "corpus.jsonl").read_text().splitlines()]
    rng = np.random.default_rng(13)
    queries = [
        Query(each.query_id, misspelled(each.text, rng)) for each in read_queries(corpus / "queries.jsonl")
    ]
    judged = read_judgements(corpus / "qrels" / "test.tsv")
    encoders = {name: EncoderSettings(type=name) for name in ("word2vec", "fasttext")}
    with new_catalogue(folder) as catalogue:
        plain = [
            {"id": each.get("_id") or each["id"], "title": each.get("title", ""), "text": each["text"]}
            for each in documents
        ]
        store(catalogue, "set", plain, IndexSettings(encoders=encoders))
        build_generation(catalogue, folder, "set")
        engine = Engines(catalogue, folder).get("set")

        def quality(name: str) -> float:
            def served(text: str, depth: int) -> list[str]:
                return served_ids(catalogue, engine, search_request(q=text, limit=depth, retrievers=[name]))

            return evaluate(served, queries, judged, [parse_metric("ndcg@10")]).metrics["ndcg@10"]

        return {name: quality(name) for name in encoders}


def test_fasttext_beats_word2vec_on_misspelled_queries_of_the_examples(tmp_path, record_property):
    found = qualities(tmp_path, EXAMPLES)
    record_property("ndcg@10", found)
    assert found["fasttext"] > found["word2vec"], found


@pytest.mark.shared
@pytest.mark.skipif(not CRANFIELD.is_dir(), reason=f"{CRANFIELD} is not there")
def test_fasttext_beats_word2vec_on_misspelled_queries_of_cranfield(tmp_path, capsys):
    found = qualities(tmp_path, CRANFIELD)
    with capsys.disabled():
        print(f"\nmisspelled cranfield-en, ndcg@10: {found}")  # noqa: T201  the figures, for who runs it
    assert found["fasttext"] > found["word2vec"], found
