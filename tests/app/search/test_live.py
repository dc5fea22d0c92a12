"""A generation with the changes since answers as a full rebuild with the same encoders would."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.features import features
from app.search.engines import Engine
from app.search.request import SearchRequest
from app.search.searcher import search
from indexer.build import build_generation
from indexer.database import Catalogue
from indexer.errors import InputError
from indexer.generation import Generation, IndexFolder
from indexer.live import LiveIndex, empty_generation
from indexer.types import EncoderSettings, FieldSettings, IndexSettings
from tests.library import new_catalogue, store

SETTINGS = IndexSettings(
    encoders={
        "hashing": EncoderSettings(type="hashing", options={"dims": 16}),
        "by_title": EncoderSettings(type="hashing", options={"dims": 8}, fields={"title": 2, "text": 1}),
    },
    views=["words", "characters", "bigrams", "word_bigrams"],
    fields={
        "title": FieldSettings(type="text"),
        "text": FieldSettings(type="text"),
        "lang": FieldSettings(type="keyword"),
        "year": FieldSettings(type="number"),
        "more": FieldSettings(type="object"),
    },
)
WORDS = [
    "cats",
    "cat",
    "dogs",
    "running",
    "runs",
    "机器学习",
    "学习",
    "猫",
    "喜欢",
    "the",
    "C++",
    "don't",
    "fish",
]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join)
KEYS = st.sampled_from([*"abcde", "b/1", "ä", "猫", "10", "9"])
DOCUMENTS = st.fixed_dictionaries(
    {"id": KEYS, "text": TEXTS.filter(bool)},
    optional={
        "title": TEXTS,
        "lang": st.sampled_from(["zh", "en", ["en", "zh"]]),
        "year": st.integers(2018, 2022),
        "more": st.fixed_dictionaries({}, optional={"a": st.integers(0, 2) | st.sampled_from("xy")}),
        "note": TEXTS,  # a text field that the index gets later
        "level": st.integers(0, 3),  # and a number
    },
)
WRITES: st.SearchStrategy[tuple[str, list[Any]]] = st.one_of(
    st.tuples(
        st.just("store"), st.lists(DOCUMENTS, min_size=1, max_size=5, unique_by=lambda each: each["id"])
    ),
    st.tuples(st.just("delete"), st.lists(KEYS, min_size=1, max_size=3)),
    st.tuples(st.just("refresh"), st.just([])),
)
RETRIEVERS = ["bow", "tfidf", "bm25", "lm", "ngrams", "hashing", "by_title"]
REQUESTS: list[dict[str, Any]] = [
    {"q": "cats fish 机器学习", "facets": ["lang", "year", "more.a"], "highlight": ["title", "text"]},
    {"q": "", "sort": ["year:desc"], "limit": 20},
    {"q": '"机器 学习" OR -cats', "over": "matches", "facets": ["lang"]},
    {"q": "ru* title:cat", "retrievers": ["bm25"], "explain": "full"},
    {"q": "dgos~ 猫", "retrievers": ["lm", "hashing"], "filter": "year >= 2019"},
    {
        "q": "runs don't",
        "retrievers": [{"type": "bm25", "combine": "sum", "fields": ["title^2.7", "text^0.3"]}],
    },
    {"q": "cats 喜欢", "group": {"field": "lang"}, "filter": "NOT lang = zh"},
    {"q": "c++ OR dogs", "rerank": {"by": "proximity"}, "filter": "more EXISTS"},
    {"like": "a", "retrievers": ["bm25", "hashing"]},
]


class Library:
    """One index, written to and read live."""

    def __init__(self, folder: Path, base: list[dict[str, Any]] | None) -> None:
        self.folder = folder
        self.catalogue = new_catalogue(folder / "data")
        self.catalogue.indexes.create("news", SETTINGS)
        if base is None:
            self.live = LiveIndex(empty_generation("news", SETTINGS), folder / "live")
        else:
            store(self.catalogue, "news", base, SETTINGS)
            self.live = LiveIndex(self.rebuilt(), folder / "live")

    def rebuilt(self) -> Generation:
        """The newest generation of what is stored now."""
        build_generation(self.catalogue, self.folder / "data", "news")
        return IndexFolder(self.folder / "data", "news").open()[0]

    def write(self, writes: list[tuple[str, list[Any]]]) -> None:
        for kind, what in writes:
            if kind == "store":
                store(self.catalogue, "news", what)
            elif kind == "delete":
                self.catalogue.documents.delete("news", what)
            else:
                self.live.refresh(self.catalogue)
        self.live.refresh(self.catalogue)


@contextmanager
def library(base: list[dict[str, Any]] | None) -> Iterator[Library]:
    with TemporaryDirectory() as folder:
        opened = Library(Path(folder), base)
        try:
            yield opened
        finally:
            opened.catalogue.close()


def answer(catalogue: Catalogue, generation: Generation, request: dict[str, Any]) -> object:
    """All that an answer says but for what names the generation; or what is wrong with the request."""
    asked = SearchRequest.model_validate({"depth": 20, **request})
    try:
        found = search(catalogue, Engine(generation), asked)
    except InputError as error:
        return error.message
    return [found.hits, found.total, found.facets, found.exact, found.warnings]


BASES = st.lists(DOCUMENTS, min_size=1, max_size=8, unique_by=lambda each: each["id"])


@settings(max_examples=25, report_multiple_bugs=False)
@given(BASES, st.lists(WRITES, max_size=8))
def test_every_answer_is_that_of_a_rebuild(base, writes):
    with library(base) as opened:
        opened.write([*writes, ("store", [{"id": "a", "text": "cats"}])])
        live, built = opened.live.current, opened.rebuilt()
        for request in REQUESTS:
            assert answer(opened.catalogue, live, request) == answer(opened.catalogue, built, request)
        for name in RETRIEVERS:
            request = {"q": "cats 机器学习 the runs", "retrievers": [name]}
            assert answer(opened.catalogue, live, request) == answer(opened.catalogue, built, request)
        [document] = opened.catalogue.documents.list("news", 0, 1).documents
        for name in ("bow", "bm25", "hashing"):
            assert features(live, document, name) == features(built, document, name)


@settings(max_examples=10)
@given(st.lists(WRITES, min_size=1, max_size=8))
def test_an_index_that_was_never_built_is_searched_by_words(writes):
    with library(None) as opened:
        opened.write([*writes, ("store", [{"id": "a", "title": "cats", "text": "fish"}])])
        live, built = opened.live.current, opened.rebuilt()
        for name in ("bow", "tfidf", "bm25", "lm", "ngrams"):
            request = {"q": "cats 机器学习 the runs", "retrievers": [name], "facets": ["lang", "year"]}
            assert answer(opened.catalogue, live, request) == answer(opened.catalogue, built, request)


def test_a_stored_document_is_found_and_a_deleted_one_is_not(tmp_path):
    with library([{"id": "a", "title": "cats"}, {"id": "b", "title": "dogs"}]) as opened:
        assert opened.live.refresh(opened.catalogue) is False
        opened.write([("store", [{"id": "c", "title": "cats and dogs"}]), ("delete", ["a"])])
        found = search(opened.catalogue, Engine(opened.live.current), SearchRequest(q="cats"))
        assert found.hits[0].id == "c"
        assert opened.live.current.manifest.documents == 2
        assert "a" not in {each.id for each in found.hits}


def test_segments_of_many_small_writes_stay_few(tmp_path):
    with library([{"id": "a", "title": "cats"}]) as opened:
        for number in range(60):
            opened.write([("store", [{"id": f"{number:03d}", "title": "dogs"}])])
        assert len(opened.live.current.lexical.segments) <= 5
        [folder] = [each for each in (opened.folder / "live").iterdir() if each.is_dir()]
        held = [each for each in folder.iterdir() if each.is_dir()]
        assert len(held) == len(opened.live.current.lexical.segments) - 1  # what was made anew is gone


@pytest.mark.parametrize("largest", [3, 1_000])
def test_many_changes_are_taken_in_at_once_or_by_parts(tmp_path, monkeypatch, largest):
    monkeypatch.setattr("indexer.live.index.LARGEST", largest)
    with library([{"id": "a", "title": "cats"}]) as opened:
        documents = [{"id": f"{number:02d}", "title": "dogs " * (1 + number % 3)} for number in range(20)]
        opened.write([("store", documents), ("delete", ["03", "a"])])
        assert opened.live.current.lexical.doc_ids(range(19)) == [
            each["id"] for each in documents if each["id"] != "03"
        ]
