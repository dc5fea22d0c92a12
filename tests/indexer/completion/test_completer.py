"""How texts go on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.completion import Completer
from indexer.types import AnalysisSettings
from tests.indexer.completion.indexes import TEXTS, completer_of, ngrams_of
from tests.indexer.completion.models import Uniform


@pytest.fixture(scope="module")
def completer(tmp_path_factory):
    return completer_of(tmp_path_factory.mktemp("texts"), TEXTS)


@pytest.fixture(scope="module")
def complete(completer):
    """The texts that a text may become."""
    return lambda text, limit=20: [each.text for each in completer.complete(text, limit)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("mach", "machine"),
        ("machine", "machine learning"),
        ("machine ", "machine learning"),
        ("machine  ", "machine  learning"),
        ("machine le", "machine learning"),
        ("Mach", "Machine"),
        ("MACH", "MACHINE"),
        ("M", "Machine"),
        ("ＭＡch", "ＭＡchine"),
        ("library of c", "library of congress"),
        ("precision", "precision and recall"),  # a suggestion does not end in `and`
        ("node", "node.js"),
        ("node.", "node.js"),
        ("c+", "c++"),
        ("机器学", "机器学习"),
        ("机器", "机器学习"),
        ("机器 学", "机器 学习"),
        ("機器學", "機器學习"),
        ("人工智", "人工智能"),
        ("支持向", "支持向量"),
        ("使用", "使用 python"),
        ("python", "python 编程"),
        ("recall，mach", "recall，machine"),
        ("title:mach", "title:machine"),
        ("zyzzyva mach", "zyzzyva machine"),
    ],
)
def test_what_is_typed_goes_on(complete, text, wanted):
    assert wanted in complete(text)


@pytest.mark.parametrize("text", ["zyzzyva", "machinez", "犇"])
def test_what_no_word_begins_with_does_not_go_on(complete, text):
    assert complete(text) == []


def test_where_nothing_is_typed_frequent_words_that_tell_something_come_first(complete):
    found = complete("")
    assert found[0] == "machine"
    assert "学习" in found
    assert not {"the", "of", "and", "的"} & set(found)
    assert complete("  ")[0] == "  " + found[0]


def test_a_completion_says_how_probable_it_is_and_where_it_was_seen(completer):
    [learning, *others] = completer.complete("machine le", 5)
    assert (learning.text, learning.rest) == ("machine learning", "arning")
    assert 0 < sum(each.probability for each in (learning, *others)) <= 1 + 1e-9
    [word] = learning.words
    assert (word.word, word.order, word.documents) == ("learning", 2, 2)
    assert set(word.models) == {"ngrams"}
    [first] = completer.complete("library of c", 1)
    assert (first.words[0].order, first.words[0].documents) == (3, 1)


def test_words_behind_a_stop_word_are_told_each(completer):
    found = {each.text: each for each in completer.complete("precision", 20)}
    assert [word.word for word in found["precision and recall"].words] == ["and", "recall"]


def test_a_second_model_is_asked_too(tmp_path):
    ngrams = ngrams_of(tmp_path, TEXTS)
    both = Completer(ngrams, Analyzer(AnalysisSettings()), [Uniform(len(ngrams.words))])
    assert both.models == ["ngrams", "uniform"]
    [one] = both.complete("machine le", 1)
    assert one.text == "machine learning"
    assert one.words[0].models["uniform"] == pytest.approx(1 / len(ngrams.words))


TYPED = st.lists(
    st.sampled_from(
        [
            "machine",
            "mach",
            "the",
            "of",
            "机器",
            "学",
            "习",
            " ",
            ",",
            "。",
            "Node.",
            "C+",
            "Ａ",
            "ß",
            "\u0301",
            "𠀀",
            "\n",
        ]
    )
).map("".join)


@given(TYPED, st.integers(1, 20))
def test_a_completion_keeps_what_is_typed_and_adds_something(completer, text, limit):
    found = completer.complete(text, limit)
    assert len(found) <= limit
    assert [each.text for each in found] == [text + each.rest for each in found]
    assert all(each.rest.strip() for each in found)
    assert len({each.rest for each in found}) == len(found)
    assert all(0 < each.probability <= 1 for each in found)
    ranks = [(-each.probability, each.rest) for each in found]
    assert ranks == sorted(ranks)


def test_a_very_long_text_is_looked_at_from_its_end(complete):
    assert "machine learning" in complete("x " * 5_000 + "machine le")[0]
