"""What of a document carries a dense match."""

import numpy as np
import pytest

from app.search.highlights.evidence import evidence_of
from app.search.query import parse
from app.search.retrieval.dense import DenseRetriever
from app.search.retrieval.question import Question
from app.search.retrieval.shares import MOST_CARRYING, Share, carrying, shares_of
from indexer.build import build_generation
from indexer.encoders import TokenVector
from indexer.generation import Generation, IndexFolder
from indexer.types import SCORE_UNIT, Document, EncoderSettings, IndexSettings
from tests.indexer.encoders.bert.tiny import write_folder
from tests.library import new_catalogue, store

DOCUMENTS = [
    {"id": "a", "title": "Pets", "text": "Dogs bark at night. Our cat eats fish.  The sun shines."},
    {"id": "b", "title": "猫", "text": "太阳很大。猫喜欢吃鱼。"},
    {"id": "c", "title": "", "text": "Stones."},
]


def opened(folder, encoder):
    """The retriever of a query over an index with one encoder, and its documents."""
    with new_catalogue(folder) as catalogue:
        store(catalogue, "pets", DOCUMENTS, IndexSettings(encoders={"own": encoder}))
        build_generation(catalogue, folder, "pets")
        documents = [catalogue.documents.get("pets", each["id"]) for each in DOCUMENTS]
    place = IndexFolder(folder, "pets")
    generation = Generation.open(place.path / place.current())

    def asked(q):
        question = Question(generation, parse(q, ["title", "text"]))
        return DenseRetriever("own", generation.dense["own"], question, None)

    return asked, documents


@pytest.fixture(scope="module")
def hashed(tmp_path_factory):
    return opened(tmp_path_factory.mktemp("evidence"), EncoderSettings(type="hashing"))


def test_the_words_that_carry_most_are_named():
    shares = [Share(term, place, place + 1, 0.0, value) for place, (term, value) in enumerate(
        [("a", 0.1), ("b", 0.4), ("c", 0.2), ("d", -0.9), ("e", 0.4)])]  # fmt: skip
    assert [each.term for each in carrying(shares)] == ["b", "e", "c"]  # half of 0.4 and more
    assert carrying([Share("a", 0, 1, 0.5, -0.1)]) == carrying([]) == []
    assert len(carrying([Share("a", 0, 1, 0.0, 0.1)] * 9)) == MOST_CARRYING


def test_the_sentence_and_its_words_stand_where_they_are_said_to_stand(hashed):
    asked, documents = hashed
    first, *_ = evidence_of(asked("cat fish"), 0, documents[0])
    assert (first.field, first.text, first.opaque) == ("text", "Our cat eats fish.", False)
    text = documents[0].text("text")
    assert text[first.start :].startswith(first.text)
    assert sorted(text[each.start : each.end] for each in first.words) == ["cat", "fish"]
    assert [first.text[start:end] for start, end in first.marks] == ["cat", "fish"]
    [chinese, *_] = [each for each in evidence_of(asked("吃鱼"), 1, documents[1]) if each.field == "text"]
    assert chinese.text == "猫喜欢吃鱼。"
    assert "鱼" in [chinese.text[start:end] for start, end in chinese.marks]


def test_what_a_word_does_worked_example():
    """S = 0.6·x + 0.8·y, x = q, y ⊥ q: S·q falls from 0.6 to 0 without x, and rises to 1 without y."""
    unit = np.eye(2, dtype=np.float32)
    tokens = [TokenVector("x", 0, 1, unit[0], 0.6), TokenVector("y", 2, 3, unit[1], 0.8)]
    x, y = shares_of({"text": [*tokens, TokenVector("z", 4, 5, None, 0.0)]}, unit[0])["text"]
    assert (x.value, x.fall, y.value, y.fall) == pytest.approx((0.6, 0.6, 0.0, -0.4))
    [alone] = shares_of({"text": [TokenVector("x", 0, 1, unit[0], 1.0)]}, unit[0])["text"]
    assert (alone.value, alone.fall) == (1.0, 1.0)


def test_a_cosine_falls_as_said_where_a_word_is_taken_out(hashed):
    asked, documents = hashed
    retriever = asked("cat fish sun")
    for share in retriever.shares(0, documents[0])["text"]:
        text = documents[0].text("text")
        fields = {"title": "Pets", "text": text[: share.start] + text[share.end :]}
        before, after = (
            retriever.nearest([f"{each['title']}\n{each['text']}"]) for each in (documents[0].fields, fields)
        )
        assert before.score - after.score == pytest.approx(share.fall, abs=1e-5)


def test_what_all_words_add_is_the_cosine(hashed):
    asked, documents = hashed
    retriever = asked("cat fish sun")
    scores = dict(
        zip(*(each.tolist() for each in (retriever.rank(9).ordinals, retriever.rank(9).scores)), strict=True)
    )
    for ordinal, document in enumerate(documents):
        added = sum(each.value for own in retriever.shares(ordinal, document).values() for each in own)
        assert added == pytest.approx(scores[ordinal] / SCORE_UNIT, abs=1e-6)


def test_of_what_is_not_known_nothing_is_told(hashed):
    asked, documents = hashed
    assert evidence_of(asked("!!!"), 0, documents[0]) == []
    changed = Document("a", {"title": "Pets", "text": "Our cat eats fish, and more of it."})
    assert evidence_of(asked("cat"), 0, changed) == []


def test_where_the_vector_is_no_sum_over_words_the_nearest_sentence_is_told(tmp_path):
    folder = str(write_folder(tmp_path / "model"))
    encoder = EncoderSettings(type="bert", options={"model": folder, "pooling": "cls"})
    asked, documents = opened(tmp_path, encoder)
    found = evidence_of(asked("cat"), 0, documents[0])
    assert found
    assert all(each.opaque and not each.words and not each.marks for each in found)
    assert all(documents[0].text(each.field)[each.start :].startswith(each.text) for each in found)
