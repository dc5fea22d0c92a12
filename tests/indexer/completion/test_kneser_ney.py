"""The language model of n-grams, by hand and against the formulas in dictionaries."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.completion import KneserNey, writing
from indexer.completion.writing import discount
from tests.indexer.completion.indexes import ngrams_of
from tests.indexer.completion.reference import Reference

TEXTS = st.lists(st.lists(st.sampled_from("abcde"), max_size=8), min_size=1, max_size=6)


def test_the_worked_example(tmp_path):
    """猫 喜欢 鱼 and 狗 不 喜欢 鱼.

    Before 喜欢 stand two words, before each other one: D₁ = 4 / (4 + 2 · 1) = 2/3, so that 喜欢 has
    (2 − 2/3) / 6 + (5 · 2/3) / 6 / 5 = 1/3, and each other 1/6. Before 喜欢 鱼 stand two words, before three
    other pairs one: D₂ = 3/5. All triples occur once: D₃ is the usual 0.75."""
    model = KneserNey(ngrams := ngrams_of(tmp_path, ["猫 喜欢 鱼", "狗 不 喜欢 鱼"]))
    assert list(ngrams.words) == ["不", "喜欢", "狗", "猫", "鱼"]
    assert ngrams.discounts == pytest.approx([2 / 3, 3 / 5, 0.75])
    nothing, likes, cat_likes, unknown = model.probabilities([[], ["喜欢"], ["猫", "喜欢"], ["猫", "鸟"]])
    assert nothing == pytest.approx([1 / 6, 1 / 3, 1 / 6, 1 / 6, 1 / 6])
    assert likes == pytest.approx([0.05, 0.1, 0.05, 0.05, (2 - 0.6) / 2 + 0.3 / 6])
    assert cat_likes[4] == pytest.approx(0.25 / 1 + 0.75 * likes[4])
    assert unknown == pytest.approx(nothing)


@settings(max_examples=25)
@given(TEXTS, st.lists(st.sampled_from("abcdez"), max_size=3))
def test_the_served_model_equals_the_formulas(texts, context):
    if not any(texts):
        return
    with TemporaryDirectory() as folder:
        ngrams = ngrams_of(Path(folder), [" ".join(words) for words in texts])
        [row] = KneserNey(ngrams).probabilities([context])
        reference = Reference(texts, ngrams.discounts.tolist())
        assert list(ngrams.words) == reference.vocabulary
    before = context[-2:]
    for word, probability in zip(reference.vocabulary, row.tolist(), strict=True):
        if not before or before[-1] not in reference.vocabulary:
            wanted = reference.word(word)
        elif len(before) == 1 or before[0] not in reference.vocabulary:
            wanted = reference.after_one(word, before[-1])
        else:
            wanted = reference.after_two(word, *before)
        assert probability == pytest.approx(wanted, abs=1e-12)


def test_triples_that_occur_once_are_not_kept_where_there_are_many(tmp_path, monkeypatch):
    """What they took goes to the pairs: a row still sums to 1."""
    texts = ["a b c", "a b c", "a b d", "x a b d e"]
    monkeypatch.setattr(writing, "MOST_TRIPLES", 2)
    ngrams = ngrams_of(tmp_path, texts)
    assert ngrams.triple_counts.tolist() == [2, 2]
    assert ngrams.seen(["a", "b"], ngrams.words.number("c") or 0) == (3, 2)
    assert ngrams.seen(["x", "a"], ngrams.words.number("b") or 0) == (2, 4)
    contexts = [["a", "b"], ["x", "a"], ["b", "d"]]
    assert KneserNey(ngrams).probabilities(contexts).sum(axis=1) == pytest.approx([1, 1, 1])


@pytest.mark.parametrize(
    ("counts", "wanted"), [([1, 1, 2, 3], 2 / 4), ([1, 1], 0.75), ([2, 2], 0.75), ([], 0.75)]
)
def test_a_discount_is_estimated_from_ones_and_twos(counts, wanted):
    assert discount(np.array(counts, np.int64)) == wanted
