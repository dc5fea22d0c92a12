"""What is like a document: found by every retriever, never the document itself, and explained."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.engines import Engines
from app.search.highlights.highlight import highlights
from app.search.highlights.sought import Sought
from app.search.ranking import RetrieverSpec
from app.search.retrieval.dense import DenseRetriever
from app.search.retrieval.lexical import lexical
from app.search.retrieval.likeness import DOCUMENT, MOST_TERMS, Likeness, like_document
from app.search.retrieval.question import Asked
from app.search.retrieval.retrievers import Retriever
from indexer.build import build_generation
from indexer.database import Catalogue
from indexer.errors import MissingError
from indexer.generation import Generation
from indexer.types import SCORE_UNIT, Document, EncoderSettings, IndexSettings
from indexer.vectors.exact import ExactVectors
from tests.app.sample import sample
from tests.library import CATS_AND_DOGS, HASHING, new_catalogue, store

SETTINGS = IndexSettings(
    encoders={
        "word2vec": EncoderSettings(type="word2vec", options={"dims": 32, "epochs": 3}),
        "hashing": EncoderSettings(type="hashing"),
    }
)
RETRIEVERS = {
    "bow": RetrieverSpec(type="bow"),
    "tfidf": RetrieverSpec(type="tfidf"),
    "bm25": RetrieverSpec(type="bm25"),
    "bm25 by field": RetrieverSpec(type="bm25", combine="sum", fields=["title^2", "text"]),
    "lm": RetrieverSpec(type="lm"),
    "word2vec": RetrieverSpec(type="dense"),
    "hashing": RetrieverSpec(type="dense"),
}


class Library(NamedTuple):
    catalogue: Catalogue
    generation: Generation

    def ids(self, retriever: Retriever, depth: int = 10) -> list[str]:
        return self.generation.lexical.doc_ids(retriever.rank(depth).ordinals.tolist())

    def like(self, doc_id: str) -> Likeness:
        return like_document(self.catalogue, self.generation, doc_id)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The sample, and of each document a shorter copy, its key behind a `~`."""
    folder = tmp_path_factory.mktemp("likeness")
    copies = [{**each, "id": f"~{each['id']}", "text": each["text"][:-20]} for each in sample()]
    with new_catalogue(folder) as catalogue:
        store(catalogue, "news", [*sample(), *copies], SETTINGS)
        build_generation(catalogue, folder, "news")
        yield Library(catalogue, Engines(catalogue, folder).get("news").generation)


def retriever(generation: Generation, name: str, asked: Asked) -> Retriever:
    spec = RETRIEVERS[name]
    if spec.type == "dense":
        return DenseRetriever(name, generation.dense[name], asked, None)
    return lexical(spec, generation, asked, None, "")


@pytest.mark.parametrize("name", RETRIEVERS)
def test_each_document_finds_its_copy_first_and_never_itself(library: Library, name: str) -> None:
    for each in sample():
        doc_id, copy = each["id"], f"~{each['id']}"
        for asked, wanted in ((doc_id, copy), (copy, doc_id)):
            found = library.ids(retriever(library.generation, name, library.like(asked)), depth=100)
            assert found[0] == wanted
            assert asked not in found


@pytest.mark.parametrize("name", RETRIEVERS)
def test_the_parts_of_a_score_sum_exactly_to_it(library: Library, name: str) -> None:
    likeness = library.like(sample()[0]["id"])
    asked = retriever(library.generation, name, likeness)
    ranking = asked.rank(20)
    assert len(ranking.scores) == 20
    for score, parts in zip(
        ranking.scores.tolist(),
        asked.parts(ranking.ordinals.tolist(), [None] * len(ranking.ordinals)),
        strict=True,
    ):
        assert sum(Fraction(part.value) for part in parts) == Fraction(score, SCORE_UNIT)
    [own] = asked.parts([library.generation.lexical.ordinal(sample()[0]["id"]) or 0], [None])
    assert own == []


def test_a_dense_score_is_that_of_the_document(library: Library) -> None:
    asked = retriever(library.generation, "word2vec", library.like(sample()[0]["id"]))
    [[first, *rest]] = asked.parts(asked.rank(1).ordinals.tolist(), [None])
    assert first.name == DOCUMENT
    assert first.value == pytest.approx(1, abs=0.1)
    assert not rest


@pytest.mark.parametrize("name", RETRIEVERS)
def test_a_text_finds_the_document_that_it_is_of(library: Library, name: str) -> None:
    for each in sample()[:5]:
        likeness = Likeness(library.generation, f"{each['title']}\n{each['text']}")
        assert each["id"] in library.ids(retriever(library.generation, name, likeness), depth=2)


def test_an_unknown_document_is_missing(library: Library) -> None:
    with pytest.raises(MissingError, match="no document `none`"):
        library.like("none")


def test_terms_are_the_most_telling_ones(library: Library) -> None:
    text = "the a " * 50 + " ".join(f"{each['title']} {each['text']}" for each in sample())
    [clause] = Likeness(library.generation, text).clauses(["words", "bigrams"], {"text": 1.0})
    assert {view: len(terms) for view, terms in clause.terms.items()} == dict.fromkeys(
        ["words", "bigrams"], MOST_TERMS
    )
    assert "the" not in clause.terms["words"]


@pytest.fixture
def few(tmp_path) -> Iterator[Library]:
    with new_catalogue(tmp_path) as catalogue:
        documents = [*CATS_AND_DOGS, {"id": "4", "title": "!", "text": "?"}, {"id": "5", "text": "fish fish"}]
        store(catalogue, "pets", documents, HASHING)
        build_generation(catalogue, tmp_path, "pets")
        yield Library(catalogue, Engines(catalogue, tmp_path).get("pets").generation)


def test_terms_are_ordered_by_tf_times_idf(few: Library) -> None:
    """N = 5. 喜欢 and 鱼 stand in two documents, 猫 in one: idf log(1 + 3.5 / 2.5), log(1 + 4.5 / 1.5)."""
    [clause] = Likeness(few.generation, "鱼 喜欢 猫 鱼 喜欢 zebra").clauses(["words"], {"text": 1.0})
    assert 2 * np.log(1 + 3.5 / 2.5) > np.log(1 + 4.5 / 1.5)
    assert clause.terms == {"words": ["喜欢", "鱼", "猫"]}


def test_a_document_without_known_words_is_like_nothing(few: Library) -> None:
    likeness = few.like("4")
    for name in ("bm25", "hashing"):
        asked = retriever(few.generation, name, likeness)
        assert few.ids(asked) == []
        assert len(asked.warnings) == 1
    assert likeness.unranked() is None


def test_a_document_newer_than_the_generation_is_read_anew(few: Library) -> None:
    store(few.catalogue, "pets", [{"id": "6", "title": "Cats", "text": "Cats like fish, dogs do not."}])
    for name in ("bm25", "hashing"):
        assert few.ids(retriever(few.generation, name, few.like("6")))[0] == "3"


def test_a_document_of_several_vectors_is_their_mean(few: Library) -> None:
    vectors = ExactVectors(256)
    rows = np.eye(256, dtype=np.float32)
    vectors.add(rows[[0, 1, 1, 2]], np.array([0, 0, 1, 2], np.int32))
    dense = replace(few.generation.dense["hashing"], vectors=vectors)
    encoding = few.like("1").encoding(dense)
    assert encoding.vector is not None
    assert encoding.vector[:3].tolist() == pytest.approx([0.5**0.5, 0.5**0.5, 0])
    found = DenseRetriever("rows", dense, few.like("1"), None).rank(10)
    assert found.ordinals.tolist() == [1, 2]


def test_what_is_alike_is_marked(few: Library) -> None:
    asked = retriever(few.generation, "bm25", few.like("1"))
    found = highlights(
        Sought(few.generation, [asked]), Document("2", {"text": "狗 不 喜欢 鱼"}), 1, (), ["text"]
    )
    assert found["text"].marks == [(4, 6), (7, 8)]


@given(st.text(), st.one_of(st.none(), st.integers(0, 41)))
def test_any_text_can_be_asked(library: Library, text: str, ordinal: int | None) -> None:
    likeness = Likeness(library.generation, text, ordinal)
    for name in ("bm25", "hashing"):
        assert ordinal not in retriever(library.generation, name, likeness).rank(100).ordinals
