"""What is marked in a document, and which piece of it is shown."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.engines import Engines
from app.search.highlights.highlight import Highlight, highlights
from app.search.highlights.sought import Sought
from app.search.listing import question_of
from app.search.ranker import Ranker
from app.search.request import search_request
from app.search.retrieval.lexical import LexicalRetriever
from indexer.build import build_generation
from indexer.generation import Generation
from indexer.types import AnalysisSettings, Document, EncoderSettings, IndexSettings
from tests.library import new_catalogue, store

DOCUMENTS = [
    {"id": "1", "title": "猫", "text": "猫喜欢鱼。狗喜欢骨头。机器学习很有用。"},
    {"id": "2", "title": "Search", "text": "Full text search of a library. A run of full moons. Recall it."},
    {"id": "3", "title": "Text", "text": "A text that is full of cats and colors, in café style on node.js."},
    {"id": "4", "title": "Dogs", "text": "Dogs run. Rivers have banks. Fish swim in rivers."},
]
SETTINGS = IndexSettings(
    views=["words", "characters", "bigrams", "word_bigrams"],
    encoders={"hashing": EncoderSettings(type="hashing", options={"dims": 4096})},
    analysis=AnalysisSettings(synonyms=[["colors", "hues", "颜色"]]),
)


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    folder = tmp_path_factory.mktemp("highlight")
    with new_catalogue(folder) as catalogue:
        store(catalogue, "pets", DOCUMENTS, SETTINGS)
        build_generation(catalogue, folder, "pets")
        return Engines(catalogue, folder).get("pets").generation


def sought_by(generation: Generation, query: str, *retrievers: Any) -> Sought:
    """What a query looks for, with bm25 where no retriever is named."""
    request = search_request(q=query, retrievers=list(retrievers) or ["bm25"])
    return Sought(generation, Ranker(generation, request, question_of(generation, request)).retrievers)


def highlight(sought: Sought, text: str, ordinal: int = 0, **given: Any) -> Highlight | None:
    document = Document("a", {"text": text})
    return highlights(sought, document, ordinal, tuple(sought.dense), ["text"], **given).get("text")


def marked(found: Highlight | None) -> str:
    """The text with its marks in angle brackets; empty where nothing was found."""
    if found is None:
        return ""
    shown, end = "", 0
    for first, last in found.marks:
        shown += f"{found.text[end:first]}«{found.text[first:last]}»"
        end = last
    return shown + found.text[end:]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("run", "Dogs ran, «run», «Running» and «runs»"),
        ("running", "a «run»"),
        ("机器学习", "「«機器學習»」很有用"),
        ("機器學習", "学«机器»"),
        ("ＲＥＣＡＬＬ", "«Recall»"),
        ("recall", "«ｒｅｃａｌｌ»"),
        ("cafe", "A «Café», «cafe\u0301s»"),
        ("cats", "👩\u200d👩\u200d👧 love «cats» ❤\ufe0f"),
        ("机器学习 recall", "用«recall»评估«机器学习»"),
        ("机器 recall", "«recalls»«机器»«recall»"),
        ("node.js", "«Node.js», «node», «js»"),
        ("猫", "小«猫»和«猫»"),
        ("recall -cats", "cats «recall»"),
        ("colo*", "«colors» and colour"),
        ("recal~", "«recall»"),
        ("hues", "«Colors», «颜色»"),
        ("the moon of it", "The «moon» of it"),
        ("full +text", "«full» of «text»"),
        ("title:recall cats", "recall «cats»"),
    ],
)
def test_the_terms_of_the_query_are_marked(generation: Generation, query: str, expected: str) -> None:
    text = expected.replace("«", "").replace("»", "")
    assert marked(highlight(sought_by(generation, query), text, ordinal=2)) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("机器学习", "学校里的«机器»"),
        ("机器学习", "«学»校"),
        ("机器学习 recall", "学校 «recall»"),
        ("机器学习 学", "«学»校里的«机器»"),
    ],
)
def test_parts_of_words_are_marked_where_nothing_longer_is(
    generation: Generation, query: str, expected: str
) -> None:
    text = expected.replace("«", "").replace("»", "")
    assert marked(highlight(sought_by(generation, query), text)) == expected


def test_a_phrase_marks_only_where_it_counts(generation: Generation) -> None:
    sought = sought_by(generation, 'cats "full text"')
    texts = [(1, DOCUMENTS[1]["text"]), (2, DOCUMENTS[2]["text"])]
    assert [marked(highlight(sought, text, ordinal)) for ordinal, text in texts] == [
        "«Full» «text» search of a library. A run of «full» moons. Recall it.",
        "A text that is full of «cats» and colors, in café style on node.js.",
    ]


def test_a_field_of_the_query_is_marked_there_alone(generation: Generation) -> None:
    sought = sought_by(generation, "title:text full")
    found = highlights(
        sought, Document("3", {"title": "Text", "text": "full text"}), 2, (), ["title", "text"]
    )
    assert {field: marked(each) for field, each in found.items()} == {
        "title": "«Text»",
        "text": "«full» text",
    }


def test_the_fields_of_a_retriever_are_marked_alone(generation: Generation) -> None:
    sought = sought_by(generation, "text", {"type": "bm25", "fields": ["title"]})
    found = highlights(sought, Document("3", {"title": "Text", "text": "text"}), 2, (), ["title", "text"])
    assert list(found) == ["title"]


def test_the_terms_of_all_retrievers_are_marked(generation: Generation) -> None:
    sought = sought_by(
        generation,
        "full moons",
        {"name": "a", "type": "bm25", "view": "words", "fields": ["title"]},
        {"name": "b", "type": "bm25", "view": "word_bigrams", "fields": ["text"]},
    )
    assert marked(highlight(sought, "A full moon is full.")) == "A «full moon» is full."


def test_a_rare_term_is_shown_rather_than_a_frequent_one(generation: Generation) -> None:
    sought = sought_by(generation, "full recall")  # `full` stands in two documents, `recall` in one
    found = highlight(sought, "It is full. Something else. I recall that.", length=15)
    assert found == Highlight("I recall that.", 28, [(2, 8)], "terms")


def test_the_values_of_a_list_are_read_one_a_line(generation: Generation) -> None:
    document = Document("a", {"text": ["A dog.", "Recall it."]})
    found = highlights(sought_by(generation, "recall"), document, 0, (), ["text"], 12)
    assert found == {"text": Highlight("Recall it.", 7, [(0, 6)], "terms")}
    assert document.text("text")[7:17] == "Recall it."


def test_without_terms_the_nearest_sentence_is_shown(generation: Generation) -> None:
    sought = sought_by(generation, "rivers fish", {"name": "near", "type": "dense", "encoder": "hashing"})
    found = highlight(sought, DOCUMENTS[3]["text"])
    assert found is not None
    assert (found.text, found.start) == ("Fish swim in rivers.", 29)
    assert [found.text[start:end] for start, end in found.marks] == ["Fish", "rivers"]
    assert found.by == "near"
    assert found.score == pytest.approx(2 / np.sqrt(2 * 4), abs=1e-5)  # two of four words, over the lengths


def test_terms_are_shown_rather_than_a_sentence(generation: Generation) -> None:
    sought = sought_by(generation, "rivers fish", "bm25", "hashing")
    found = highlight(sought, "Rivers have banks.")
    assert found == Highlight("Rivers have banks.", 0, [(0, 6)], "terms")


def test_no_sentence_is_shown_of_what_no_dense_retriever_found(generation: Generation) -> None:
    sought = sought_by(generation, "rivers fish", {"name": "bm25", "fields": ["title"]}, "hashing")
    document = Document("a", {"text": "Dogs fish."})
    assert highlights(sought, document, 0, ("bm25",), ["text"]) == {}
    assert highlights(sought, document, 0, ("bm25", "hashing"), ["text"])["text"].by == "hashing"


def test_no_sentence_is_shown_that_has_nothing_to_do_with_the_query(generation: Generation) -> None:
    sought = sought_by(generation, "rivers fish", "hashing")
    assert highlights(sought, Document("a", {"text": "Dogs run."}), 0, ("hashing",), ["text"]) == {}


@pytest.mark.parametrize("query", ["", "-cats", "!!!"])
def test_nothing_is_marked_where_nothing_is_asked_for(generation: Generation, query: str) -> None:
    sought = sought_by(generation, query, "bm25", "hashing")
    assert highlight(sought, "All of it!!! cats") is None


def test_a_field_of_megabytes_is_looked_at_from_its_beginning(generation: Generation) -> None:
    sought = sought_by(generation, "recall")
    assert highlight(sought, "x " * 49_990 + "recall" + " y" * 1_000_000) is not None
    assert highlight(sought, "x " * 50_000 + "recall" + " y" * 1_000_000) is None


PIECES = "猫 貓 小 机器 機器學習 学 。 full run recall c++ Node.js \u0301 \u200d 👩 🇨🇳".split()
TEXTS = st.one_of(
    st.text(),
    st.lists(st.sampled_from([*PIECES, " ", "\n"]), max_size=60).map("".join),
)
QUERIES = ["猫 机器学习", "full recall node.js", '学 "full run" +recall', "机* run~", "c++ 貓"]


@given(TEXTS, st.sampled_from(QUERIES), st.integers(0, 3), st.integers(1, 60))
def test_marks_lie_in_order_inside_a_piece_of_the_text(
    generation: Generation, text: str, query: str, ordinal: int, length: int
) -> None:
    sought = sought_by(generation, query, "bm25", "hashing")
    found = highlight(sought, text, ordinal, length=length)
    assert highlight(sought, text, ordinal, length=length) == found
    if found is not None:
        assert found.text == text[found.start : found.start + len(found.text)]
        assert found.text == text or len(text) > length or found.by == "hashing"
        ends = [place for mark in found.marks for place in mark]
        assert ends == sorted(ends)
        assert all(first < last for first, last in found.marks)
        assert all(0 <= place <= len(found.text) for place in ends)
        assert found.marks or found.by == "hashing"


@given(TEXTS, st.sampled_from(QUERIES), st.integers(30, 60))
def test_what_is_marked_holds_a_term_that_is_asked_for(
    generation: Generation, text: str, query: str, length: int
) -> None:
    request = search_request(q=query, retrievers=["bm25"])
    [retriever] = Ranker(generation, request, question_of(generation, request)).retrievers
    assert isinstance(retriever, LexicalRetriever)
    found = highlight(Sought(generation, [retriever]), text, length=length)
    for mark in [] if found is None else [found.text[first:last] for first, last in found.marks]:
        assert any(
            not set(terms).isdisjoint(generation.analyzer.analyse(mark, view).terms)
            for clause in retriever.query.clauses
            for view, terms in clause.terms.items()
        )
