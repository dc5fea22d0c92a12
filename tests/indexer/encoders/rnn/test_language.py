"""What comes next, and texts made of it, against the chain of probabilities worked out by numpy."""

from itertools import product

import numpy as np
import pytest

from indexer.encoders.rnn import Decoding, KeptRnnOptions, language_model, make_kept_rnn
from indexer.encoders.rnn.joining import joined
from indexer.encoders.rnn.language import RnnLanguageModel
from indexer.types import Tokens
from tests.indexer.encoders.corpora import CATS, SHIPS, analyse
from tests.indexer.encoders.rnn.network import (
    BEGIN,
    TERMS,
    architecture,
    layers_by_hand,
    linear_by_hand,
    write_network,
)

SHAPE = architecture(cell="lstm", speaks=True)
END = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("speaking")
    write_network(found, SHAPE)
    return found


@pytest.fixture(scope="module")
def language(folder) -> RnnLanguageModel:
    found = language_model(make_kept_rnn(folder, KeptRnnOptions(), analyse))
    assert found is not None
    return found


def chances_by_hand(folder, words: list[int]):
    """Softmax of the output layer behind the last word, over all that is ever said."""
    states = layers_by_hand(folder, SHAPE, [BEGIN, *words])[-1]
    rising = np.exp(linear_by_hand(folder, "next_word", states[-1]))
    rising[[0, 1, 2]] = 0
    return rising / rising.sum()


def chain(folder, before: list[int], words: list[int], *, ended: bool) -> float:
    """log P of words, and of the end, behind others."""
    said = [*words, END] if ended else words
    return sum(
        float(np.log(chances_by_hand(folder, [*before, *words[:place]])[word]))
        for place, word in enumerate(said)
    )


def test_the_next_word_has_the_probability_of_the_formula(folder, language):
    found = language.next_words(f"{CATS[0]} {SHIPS[1]}")
    wanted = chances_by_hand(folder, [TERMS.index(CATS[0]), TERMS.index(SHIPS[1])])
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert found.sum() == pytest.approx(1)
    best = language.likeliest(f"{CATS[0]} {SHIPS[1]}", 3)
    assert [word for word, _ in best] == [TERMS[number] for number in np.argsort(-wanted)[:3]]
    assert (language.unit, language.end) == ("words", END)


@pytest.mark.parametrize(
    "how",
    [Decoding("greedy", 6), Decoding("sample", 6, temperature=0.7, top_k=9, seed=4), Decoding("beam", 6)],
    ids=lambda how: how.method,
)
def test_a_text_has_the_probability_of_its_words(folder, language, how):
    before = [TERMS.index(CATS[3])]
    found = language.generate(CATS[3], how)
    assert len(found) == (4 if how.method == "beam" else 1)
    for each in found:
        words = [TERMS.index(word) for word in each.words]
        assert len(words) == 6 or each.ended
        wanted = chain(folder, before, words, ended=each.ended)
        assert each.log_probability == pytest.approx(wanted, abs=1e-4)
    totals = [each.log_probability for each in found]
    assert totals == sorted(totals, reverse=True)


def test_a_wide_beam_finds_the_likeliest_of_all_texts(folder, language):
    texts: dict[tuple[int, ...], float] = {
        (one, other): chain(folder, [], [one, other], ended=False)
        for one, other in product(range(4, len(TERMS)), repeat=2)
    }
    texts |= {(one,): chain(folder, [], [one], ended=True) for one in range(4, len(TERMS))}
    texts[()] = chain(folder, [], [], ended=True)
    best = sorted(texts, key=lambda words: -texts[words])[:3]
    found = language.generate("", Decoding("beam", 2, beams=len(TERMS)))[:3]
    assert [tuple(TERMS.index(word) for word in each.words) for each in found] == best


def test_one_beam_one_choice_and_no_warmth_are_greedy(language):
    greedy = language.generate(SHIPS[2], Decoding("greedy", 8))
    for how in (
        Decoding("beam", 8, beams=1),
        Decoding("sample", 8, top_k=1),
        Decoding("sample", 8, temperature=0.001),
    ):
        [found] = language.generate(SHIPS[2], how)
        assert found.words == greedy[0].words


def test_chance_is_that_of_the_seed_and_follows_the_probabilities(language):
    def drawn(seed):
        return language.generate("", Decoding("sample", 1, seed=seed))[0].words

    assert drawn(5) == drawn(5)
    found = [drawn(seed) for seed in range(400)]
    [(word, chance)] = language.likeliest("", 1)
    share = found.count([word]) / len(found)
    assert share == pytest.approx(chance, abs=4 * (chance * (1 - chance) / 400) ** 0.5)  # four deviations


def test_special_words_are_never_said(language):
    assert language.next_words("unheard-of")[[0, 1, 2]].tolist() == [0, 0, 0]
    for seed in range(5):
        [found] = language.generate("", Decoding("sample", 30, temperature=50, seed=seed))
        assert not {"[PAD]", "[UNK]", "[BOS]", "[EOS]"} & {*found.words}


def test_a_network_of_vectors_alone_has_no_language_model(tmp_path):
    write_network(tmp_path, architecture())
    assert language_model(make_kept_rnn(tmp_path, KeptRnnOptions(), lambda _: Tokens([], [], [], []))) is None


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], ""),
        (["information", "retrieval"], "information retrieval"),
        (["机器", "学习", "model", "训练"], "机器学习 model 训练"),
        (["re", "##call", "of", "node", "##.", "##js"], "recall of node.js"),
        (["##call", "(", "a", ")", ",", "b"], "call (a), b"),
        (["猫", "，", "狗", "。", "Cats"], "猫，狗。 Cats"),
    ],
)
def test_words_are_joined_as_they_are_written(words, text):
    assert joined(words) == text
