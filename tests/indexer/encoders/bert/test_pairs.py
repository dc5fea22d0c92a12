"""Two texts read together by a tiny model, against the same worked out by hand."""

import numpy as np
import pytest

from indexer.encoders.bert.pairs import MOST_ANSWER, CrossEncoder, Reader
from indexer.errors import InputError
from tests.indexer.encoders.bert.tiny import LENGTH, TOKENS, graph, hidden_by_hand, weights, write_folder

CLS, SEP = TOKENS.index("[CLS]"), TOKENS.index("[SEP]")
SHIP, BANK, CAT = (TOKENS.index(each) for each in ("ship", "bank", "猫"))


@pytest.fixture(scope="module")
def crossed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("crossed")
    return CrossEncoder(write_folder(folder, {"onnx/model.onnx": graph(["logits"])}))


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reader")
    return Reader(write_folder(folder, {"onnx/model.onnx": graph(["start_logits", "end_logits"])}))


def hidden(first, second):
    """The vectors of a pair, the second text being of type 1."""
    ids = [CLS, *first, SEP, *second, SEP]
    return hidden_by_hand(ids, types=[0] * (len(first) + 2) + [1] * (len(second) + 1))[2]


def logit(first, second):
    logits = hidden(first, second)[0] @ weights()["next"].astype(np.float64)
    return logits[1] - logits[0]


def test_the_logit_of_a_pair(crossed):
    found = crossed.scores("ship", ["bank", "猫 bank", ""])
    wanted = [logit([SHIP], [BANK]), logit([SHIP], [CAT, BANK]), logit([SHIP], [])]
    assert found.tolist() == pytest.approx(wanted, abs=1e-5)


def test_a_long_text_has_the_best_of_its_windows(crossed):
    room = LENGTH - 4  # beside the question and three special tokens
    alone = crossed.scores("ship", ["bank " * room])
    assert crossed.scores("ship", ["bank " * room + "猫 " * room])[0] >= alone[0]
    windows = crossed._tokenizer.windows("ship", ["bank " * 100])[0]
    assert max(map(len, windows)) == LENGTH
    assert sum(window.ids.count(BANK) for window in windows) > 100  # they overlap
    assert windows[-1].offsets[-2] == (495, 499)  # and reach the end


def test_a_query_that_is_too_long_is_read_to_the_half(crossed):
    [windows] = crossed._tokenizer.windows("ship " * 100, ["bank"])
    assert [len(each) for each in windows] == [LENGTH // 2 - 2 + 4]
    assert crossed.scores("ship " * 100, ["bank"])[0] == crossed.scores("ship " * 14, ["bank"])[0]


def test_the_answer_is_the_likeliest_piece(reader):
    vectors = hidden([SHIP], [BANK, CAT, SHIP])
    starts = vectors @ weights()["start"].astype(np.float64)
    ends = vectors @ weights()["end"].astype(np.float64)
    pieces = {(a, b): starts[a] + ends[b] for a in (3, 4, 5) for b in (3, 4, 5) if a <= b}
    total = sum(np.exp(each) for each in pieces.values()) + np.exp(starts[0] + ends[0])
    (a, b), best = max(pieces.items(), key=lambda each: each[1])
    offsets = {3: (0, 4), 4: (5, 6), 5: (7, 11)}
    span = reader.answer("ship", "bank 猫 ship")
    assert (span.start, span.end) == (offsets[a][0], offsets[b][1])
    assert span.probability == pytest.approx(np.exp(best) / total, abs=1e-5)


def test_a_text_without_tokens_has_no_answer(reader):
    assert reader.answer("ship", " ") is None


def test_no_answer_is_longer_than_any_that_people_gave(reader):
    assert MOST_ANSWER >= 46
    span = reader.answer("ship", "bank 猫 " * 200)
    assert 0 < span.probability < 1
    assert 0 <= span.start < span.end <= 1_400


@pytest.mark.parametrize("kind", [CrossEncoder, Reader])
def test_a_folder_of_another_kind_is_refused(tmp_path, kind):
    with pytest.raises(InputError, match="logits") as caught:
        kind(write_folder(tmp_path))
    assert caught.value.code == "bad_model_folder"
