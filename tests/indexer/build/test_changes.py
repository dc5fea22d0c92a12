"""What a new generation changes against the published one, and that it must answer to be published."""

import pytest

from indexer.build import build_generation
from indexer.build.changes import TermChanges, changes
from indexer.build.sampling import MOST_DOCUMENTS, Sample, sample_queries
from indexer.build.trying import try_queries
from indexer.errors import MismatchError
from indexer.generation import Generation, IndexFolder
from indexer.types import Document, no_progress
from tests.library import CATS_AND_DOGS, HASHING, new_catalogue, store

LETTERS = [{"id": str(number), "text": f"{number} alpha beta gamma"} for number in range(1, 6)]
WORDS = HASHING.model_copy(update={"views": ["words"]})


@pytest.fixture
def catalogue(tmp_path):
    with new_catalogue(tmp_path) as opened:
        yield opened


def opened(tmp_path, index, name):
    return Generation.open(IndexFolder(tmp_path, index).path / name)


def test_documents_and_terms_are_counted(catalogue, tmp_path):
    store(catalogue, "letters", LETTERS, WORDS)
    assert build_generation(catalogue, tmp_path, "letters").changes is None
    # 1 goes, 2 changes, 6 and 7 come; 3 is stored again as it is; 8 comes and goes.
    catalogue.documents.delete("letters", ["1"])
    store(catalogue, "letters", [{"id": "2", "text": "2 alpha delta"}, LETTERS[2]])
    store(catalogue, "letters", [{"id": key, "text": f"{key} epsilon"} for key in ("6", "7", "8")])
    catalogue.documents.delete("letters", ["8"])
    found = build_generation(catalogue, tmp_path, "letters").changes
    assert found is not None
    assert found.since == "gen-000001"
    counted = found.documents
    assert (counted.added, counted.removed, counted.changed) == (2, 1, 1)
    # Before: alpha, beta, gamma, 1 to 5. Now: these without 1, and delta, epsilon, 6, 7.
    assert found.vocabulary == {"words": TermChanges(terms=11, new=4, gone=1)}
    [record] = catalogue.generations.list("letters")[1:]
    assert record.report["changes"]["documents"] == {"added": 2, "removed": 1, "changed": 1}


def test_a_view_that_comes_or_goes_is_all_new_or_all_gone(catalogue, tmp_path):
    store(catalogue, "letters", [{"id": "1", "text": "猫 鱼 fish"}], WORDS)
    build_generation(catalogue, tmp_path, "letters")
    settings = catalogue.indexes.get("letters").settings
    catalogue.indexes.save_settings("letters", settings.model_copy(update={"views": ["characters"]}))
    found = build_generation(catalogue, tmp_path, "letters").changes
    assert found is not None
    assert found.vocabulary == {
        "characters": TermChanges(terms=2, new=2, gone=0),
        "words": TermChanges(terms=0, new=0, gone=3),
    }


def test_the_overlap_is_the_share_of_the_first_ten_that_stay(catalogue, tmp_path):
    """Twelve documents that are alike in three groups of four: asked for its word, a group is what is found
    by words. Half of each group goes."""
    documents = [{"id": f"{number:02}", "text": f"{'abc'[number % 3] * 4} {number}"} for number in range(12)]
    store(catalogue, "letters", documents, WORDS)
    build_generation(catalogue, tmp_path, "letters")
    catalogue.documents.delete("letters", [f"{number:02}" for number in range(6)])
    found = build_generation(catalogue, tmp_path, "letters").changes
    assert found is not None
    # A query is the word of a group and a number: 2 of the 4 stay, the other words find nothing.
    assert found.queries == 6
    assert found.overlap["bm25"] == 0.5
    assert {each.retriever for each in found.most} <= {"bm25", "hashing"}
    assert [each.overlap for each in found.most] == sorted(each.overlap for each in found.most)


def test_what_is_written_while_the_build_is_under_way_is_not_counted_twice(catalogue, tmp_path):
    store(catalogue, "letters", LETTERS, WORDS)
    build_generation(catalogue, tmp_path, "letters")
    store(catalogue, "letters", [{"id": "6", "text": "6"}, {"id": "2", "text": "2 beta"}])

    def write(phase, done, total, loss=None):
        if (phase, done) == ("verify", 0):
            store(catalogue, "letters", [{"id": "7", "text": "7"}, {"id": "6", "text": "6 6"}])
            catalogue.documents.delete("letters", ["3"])

    found = build_generation(catalogue, tmp_path, "letters", progress=write).changes
    assert found is not None
    counted = found.documents
    assert (counted.added, counted.removed, counted.changed) == (1, 0, 1)


def test_a_sample_is_spread_evenly_over_those_that_have_a_text(catalogue):
    documents = [Document(f"{number:04}", {"text": "x" if number % 2 else " "}) for number in range(1_280)]
    sample = Sample(["title", "text"], len(documents))
    assert list(sample.through(documents)) == documents
    assert list(sample.texts) == [f"{number * 20 + 1:04}" for number in range(MOST_DOCUMENTS)]


def test_a_query_is_made_of_the_rarest_terms_that_others_have_too(catalogue, tmp_path):
    documents = [
        {"id": "1", "text": "one 学习 the common shared only"},
        {"id": "2", "text": "two 学习 the common shared"},
        {"id": "3", "text": "three the common"},
        {"id": "4", "text": "the"},
    ]
    store(catalogue, "letters", documents, WORDS)
    build_generation(catalogue, tmp_path, "letters")
    generation = opened(tmp_path, "letters", "gen-000001")
    sample = Sample(["text"], 4)
    with catalogue.documents.snapshot("letters") as snapshot:
        list(sample.through(snapshot.documents()))
    found = {each.doc_id: each.text for each in sample_queries(sample, generation)}
    # Documents with each: 学习 2, shared 2, common 3, the others 1. `the` only where nothing else is.
    assert found == {"1": "学习 common shared", "2": "学习 common shared", "3": "three common", "4": "the"}
    generation.close()


def test_a_generation_that_does_not_find_its_documents_is_refused(catalogue, tmp_path):
    store(catalogue, "letters", LETTERS, WORDS)
    store(catalogue, "others", CATS_AND_DOGS, WORDS)
    for index in ("letters", "others"):
        build_generation(catalogue, tmp_path, index)
    letters = opened(tmp_path, "letters", "gen-000001")
    others = opened(tmp_path, "others", "gen-000001")
    sample = Sample(["text"], 5)
    with catalogue.documents.snapshot("letters") as snapshot:
        list(sample.through(snapshot.documents()))
    queries = sample_queries(sample, letters)
    assert len(queries) == 5
    try_queries(letters, queries)
    with pytest.raises(MismatchError, match="does not find `1`"):
        try_queries(others, queries)
    with pytest.raises(MismatchError, match="lacks `5`"):
        try_queries(others, queries[4:])
    # The other way round: everything is otherwise.
    found = changes(catalogue, others, letters, queries, no_progress)
    assert found.overlap["bm25"] == 0.0
    for each in (letters, others):
        each.close()
