"""A bilingual model in its real size, where there is one: multilingual-e5-small or a like one."""

import os

import numpy as np
import pytest

from indexer.encoders.bert.making import make_bert
from indexer.encoders.bert.options import BertOptions

MODEL = os.environ.get("TEXTPRISM_TEST_MODEL", "")

pytestmark = pytest.mark.skipif(not MODEL, reason="TEXTPRISM_TEST_MODEL names no folder of a bilingual model")

TEXTS = [
    "机器学习让计算机从数据中学习。",
    "Machine learning lets computers learn from data.",
    "今天晚饭吃什么？",
]


@pytest.fixture(scope="module")
def encoder():
    return make_bert(BertOptions(model=MODEL))


def test_a_translation_is_nearer_than_another_sentence(encoder):
    chinese, english, other = (rows[0] for rows in encoder.rows(TEXTS))
    assert chinese @ english > chinese @ other
    assert english @ chinese > english @ other


def test_tokens_of_both_languages_stand_where_they_are_written(encoder):
    [found] = encoder.encode(["学习  machine learning"])
    pieces = [(each.term.lstrip("▁"), each.start, each.end) for each in found.tokens if each.start < each.end]
    assert ["学习  machine learning"[start:end] for _, start, end in pieces] == [
        term for term, _, _ in pieces
    ]
    total = sum(each.weight * each.vector.astype(np.float64) for each in found.tokens)
    np.testing.assert_allclose(total, found.vector, atol=1e-6)


def test_alone_and_beside_others_a_text_has_the_same_vector(encoder):
    texts = [*TEXTS, "x", "学习 " * 700]
    for text, rows in zip(texts, encoder.rows(texts), strict=True):
        np.testing.assert_allclose(rows, encoder.rows([text])[0], rtol=0, atol=1e-5)
    assert len(rows) > 1  # it is longer than a window
