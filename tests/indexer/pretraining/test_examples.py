"""Texts become examples: vocabulary, pieces, pairs, masks, batches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import BadFileError
from indexer.pretraining.likeness import Likenesses
from indexer.pretraining.masking import masked
from indexer.pretraining.next_sentence import IS_NEXT, IS_RANDOM, NextSentences
from indexer.pretraining.order import Order
from indexer.pretraining.padding import padded
from indexer.pretraining.pieces import Pieces, read_pieces
from indexer.pretraining.vocabulary import SPECIALS, learn_vocabulary, read_vocabulary
from indexer.types import no_progress
from tests.indexer.pretraining.texts import documents


@pytest.fixture(scope="module")
def vocabulary():
    return learn_vocabulary((text for document in documents() for text in document), 300)


@pytest.fixture(scope="module")
def pieces(vocabulary):
    return read_pieces(documents(), 80, vocabulary, no_progress)


def test_chinese_characters_stand_alone_and_words_fall_into_pieces(vocabulary):
    assert vocabulary.tokenizer.encode("小猫 Tea, téa?").tokens == [
        "[CLS]",
        "小",
        "猫",
        "tea",
        "[UNK]",
        "tea",
        "[UNK]",
        "[SEP]",
    ]
    pair = vocabulary.tokenizer.encode("tea", "ship")
    assert (pair.tokens, pair.type_ids) == (["[CLS]", "tea", "[SEP]", "ship", "[SEP]"], [0, 0, 0, 1, 1])
    assert "##a" in vocabulary.tokenizer.encode("teaa").tokens


def test_the_same_texts_give_the_same_vocabulary(vocabulary):
    again = learn_vocabulary((text for document in documents() for text in document), 300)
    assert again.tokenizer.to_str() == vocabulary.tokenizer.to_str()
    assert sorted([*again.ordinary, again.pad, again.cls, again.sep, again.mask, 1]) == list(
        range(again.size)
    )


def test_a_vocabulary_is_read_from_a_folder_and_one_that_is_none_is_refused(vocabulary, tmp_path):
    path = tmp_path / "tokenizer.json"
    vocabulary.tokenizer.save(str(path))
    assert read_vocabulary(tmp_path).pieces(["小猫"]) == vocabulary.pieces(["小猫"])
    for content in ("", "{}", "[1]", vocabulary.tokenizer.to_str().replace("[MASK]", "[MUSK]")):
        path.write_text(content)
        with pytest.raises(BadFileError, match=r"tokenizer\.json"):
            read_vocabulary(tmp_path)
    path.unlink()
    with pytest.raises(BadFileError, match="cannot be read"):
        read_vocabulary(tmp_path)


def test_every_piece_of_every_sentence_is_there(vocabulary, pieces):
    whole = [
        number for document in documents() for text in document for number in vocabulary.pieces([text])[0]
    ]
    assert pieces.ids.tolist() == whole
    assert pieces.n_documents == 80
    title = pieces.span(pieces.documents[0], pieces.documents[0] + 1)
    assert title.tolist() == vocabulary.pieces(["tea"])[0]


def test_what_is_empty_is_no_sentence_and_no_document(vocabulary):
    found = read_pieces([["", " "], ["tea", ""], []], 3, vocabulary, no_progress)
    assert (found.n_documents, len(found.sentences) - 1) == (1, 1)


def test_every_twentieth_document_is_held_out(pieces):
    known, held_out = pieces.parted()
    assert (known.n_documents, held_out.n_documents) == (76, 4)
    first = pieces.span(pieces.documents[19], pieces.documents[20])
    assert held_out.span(0, int(held_out.documents[1])).tolist() == first.tolist()
    assert len(known.ids) + len(held_out.ids) == len(pieces.ids)


def test_a_pair_goes_on_in_its_document_or_is_of_another(pieces):
    examples, rng = NextSentences(pieces, 48), np.random.default_rng(1)
    text = pieces.ids.tobytes()
    labels = []
    for number in range(len(examples)):
        pair = examples.pair(number, rng)
        assert len(pair.first) > 0
        assert len(pair.second) > 0
        assert len(pair.first) + len(pair.second) + 3 <= 48
        together = np.concatenate([pair.first, pair.second]).tobytes()
        if pair.label == IS_NEXT:
            assert together in text
        labels.append(pair.label)
    assert {IS_NEXT, IS_RANDOM} == set(labels)
    assert 0.4 < np.mean(labels) < 0.6


def test_a_sentence_of_one_document_asks_for_what_is_around_it(pieces):
    examples, rng = Likenesses(pieces, 64), np.random.default_rng(1)
    assert len(examples) == 80
    kept = titles = others = 0
    for number in range(len(examples)):
        question, text = examples.pair(number, rng)
        assert 0 < len(text) <= 62
        first, end = pieces.documents[number : number + 2]
        document = pieces.span(first, end)
        assert question.tobytes() in document.tobytes()
        assert set(text.tolist()) <= set(document.tolist())
        if len(question) == 1:
            titles += 1
        else:
            others += 1
            kept += question.tobytes() in text.tobytes()
    assert 28 <= titles <= 60  # half, and a sixth of the others
    assert 0.25 < kept / others < 0.75


def test_rows_are_filled_up(vocabulary):
    rows = padded([([7, 8], [9]), ([7],)], vocabulary)
    cls, sep, pad = vocabulary.cls, vocabulary.sep, vocabulary.pad
    assert rows.ids.tolist() == [[cls, 7, 8, sep, 9, sep], [cls, 7, sep, pad, pad, pad]]
    assert rows.types.tolist() == [[0, 0, 0, 0, 1, 1], [0] * 6]
    assert rows.attention.tolist() == [[1] * 6, [1, 1, 1, 0, 0, 0]]
    assert rows.ordinary.astype(int).tolist() == [[0, 1, 1, 0, 1, 0], [0, 1, 0, 0, 0, 0]]


def test_fifteen_of_a_hundred_are_guessed_of_which_eighty_are_masked(vocabulary):
    rng = np.random.default_rng(5)
    rows = padded([(rng.choice(vocabulary.ordinary, 100),) for _ in range(400)], vocabulary)
    found = masked(rows, vocabulary, rng)
    assert np.bincount(found.rows).tolist() == [15] * 400
    assert (rows.ids[found.rows, found.columns] == found.targets).all()
    seen = found.ids[found.rows, found.columns]
    n = len(seen)  # 6,000: a share is within 4 standard deviations
    is_masked, is_kept = seen == vocabulary.mask, seen == found.targets
    for there, share in ((is_masked, 0.8), (is_kept, 0.1), (~is_masked & ~is_kept, 0.1)):
        assert abs(there.sum() - share * n) < 4 * np.sqrt(n * share * (1 - share)) + n * 0.1 / vocabulary.size
    untouched = np.ones_like(rows.ids, bool)
    untouched[found.rows, found.columns] = False
    assert (found.ids == rows.ids)[untouched].all()


@given(lengths=st.lists(st.integers(0, 30), min_size=1, max_size=8), seed=st.integers(0, 99))
def test_only_ordinary_pieces_are_guessed_one_at_least(lengths, seed):
    small = learn_vocabulary(["a b c d e f g h"] * 2, 100)
    rng = np.random.default_rng(seed)
    rows = padded([(rng.choice(small.ordinary, length),) for length in lengths], small)
    found = masked(rows, small, rng)
    counts = np.bincount(found.rows, minlength=len(lengths)).tolist()
    assert counts == [min(n, max(1, round(0.15 * n))) for n in lengths]
    assert rows.ordinary[found.rows, found.columns].all()
    assert not set(found.targets.tolist()) & {small.tokenizer.token_to_id(each) for each in SPECIALS}


@given(
    sizes=st.lists(st.integers(2, 50), min_size=1, max_size=200),
    batch=st.integers(1, 16),
    seed=st.integers(0, 9),
)
def test_an_epoch_takes_each_example_once_and_a_step_always_the_same(sizes, batch, seed):
    order = Order(np.array(sizes), batch, seed)
    for epoch in (0, 1):
        steps = range(epoch * order.steps_per_epoch, (epoch + 1) * order.steps_per_epoch)
        taken = np.concatenate([order.step(step) for step in steps])
        assert len(set(taken.tolist())) == len(taken)
        assert len(sizes) - len(taken) < min(batch, len(sizes))
    again = Order(np.array(sizes), batch, seed)
    last = 2 * order.steps_per_epoch - 1
    assert again.step(last).tolist() == order.step(last).tolist()


def test_examples_of_like_length_are_together():
    sizes = np.random.default_rng(0).integers(2, 128, 4_096)
    order = Order(sizes, 32, 1)
    spread = [np.ptp(sizes[order.step(step)]) for step in range(order.steps_per_epoch)]
    assert np.mean(spread) < 10


def test_a_document_of_one_piece_is_no_pair():
    lonely = Pieces(np.array([5], np.int32), np.array([0, 1]), np.array([0, 1]))
    assert len(NextSentences(lonely, 32)) == 0
    assert len(Likenesses(lonely, 32)) == 0
