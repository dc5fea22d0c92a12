"""The law of batches: many texts at once have the terms and the positions of each by itself."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.analysis import VIEWS, Analyzer, BatchAnalyzer
from indexer.types import AnalysisSettings

CORPUS = Path(__file__).parents[2] / "examples" / "corpus.jsonl"
ANALYZERS = [
    Analyzer(AnalysisSettings()),
    Analyzer(AnalysisSettings(dictionary=["机器学", "学习喜", "t恤", "a.b", ".net", "é·学", "C++", "𠀀"])),
]

SCRIPTS = "猫貓喜欢歡机器機學学习的〇𠀀㐀 aAbcRrunSsØéé１½ﬁß…℃™ αЖहिवか한ᄒ \u0301\u200b\ufe0f\u00ad😀👩‍🔬"
NAMES = "abcCtn学恤·019 ._-+#&é\u1e00\u0130\n"
TEXTS = st.one_of(
    st.text(),
    st.text(alphabet=SCRIPTS),
    st.text(alphabet=NAMES),
    st.lists(st.sampled_from(["running", "机器学习", "a.b", ".net", "T恤", "x-1", "c++", "#", " "])).map(
        "".join
    ),
)
BATCHES = st.lists(st.lists(TEXTS, max_size=5), max_size=4)


def check(analyzer, batches, views):
    """That each text of each batch is as if it were alone, and that terms are numbered as they are met."""
    analyse = BatchAnalyzer(analyzer, views)
    met: dict[str, dict[str, int]] = {view: {} for view in views}
    for texts in batches:
        columns = analyse.analyse(texts)
        assert list(columns) == views
        for view, found in columns.items():
            assert (found.begins[0], found.begins[-1]) == (0, len(found.terms))
            for number, text in enumerate(texts):
                tokens = analyzer.analyse(text, view)
                own = slice(*found.begins[number : number + 2])
                numbers = [met[view].setdefault(term, len(met[view])) for term in tokens.terms]
                assert found.terms[own].tolist() == numbers
                assert found.positions[own].tolist() == tokens.positions
    assert {view: analyse.vocabulary(view).terms() for view in views} == {
        view: list(met[view]) for view in views
    }


@pytest.mark.parametrize("analyzer", ANALYZERS, ids=["plain", "dictionary"])
@given(BATCHES)
@example([["", "\n\n", "a-1\n.b"], [], ["node.js"]])
@example([["x" * 63 + ".y", "x" * 62 + ".y", "ø" * 31 + ".y", "ø" * 32 + ".y"]])
def test_texts_together_are_as_each_alone(analyzer, batches):
    check(analyzer, batches, list(VIEWS))


@pytest.mark.parametrize("view", VIEWS)
@given(st.lists(TEXTS, max_size=5))
def test_a_view_needs_no_other(view, texts):
    check(ANALYZERS[0], [texts, texts], [view])


@pytest.mark.parametrize("analyzer", ANALYZERS, ids=["plain", "dictionary"])
def test_the_sample_corpus_is_analysed_alike(analyzer):
    documents = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    texts = [document[field] for document in documents for field in ("title", "text")]
    check(analyzer, [texts[:100], texts[100:]], list(VIEWS))


def test_characters_are_of_one_script_for_both():
    """A draw of all characters there are, each between two letters and again among others."""
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    drawn = random.Random(1).sample(characters, 20_000)
    check(ANALYZERS[0], [["".join(f"a{each}b" for each in drawn), "".join(drawn)]], ["words"])
