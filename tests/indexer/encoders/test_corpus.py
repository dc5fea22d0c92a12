import pytest

from indexer.encoders import corpus as corpus_module
from indexer.encoders.corpus import read_corpus
from indexer.types import no_progress

SENTENCES = [["b", "a", "b"], [], ["c", "a"], ["rare"], ["a", "b", "c", "c"]]


def test_worked_example():
    corpus = read_corpus(iter(SENTENCES), 2, no_progress)
    assert corpus.terms == ["a", "b", "c"]  # three each: ties by the term
    assert corpus.cf.tolist() == [3, 3, 3]
    assert corpus.df.tolist() == [3, 2, 2]
    assert corpus.offsets.tolist() == [0, 3, 3, 5, 5, 9]
    assert (corpus.n_tokens, corpus.n_sentences) == (10, 5)


@pytest.mark.parametrize("together", [1, 2, 100])
@pytest.mark.parametrize("longest", [1, 2, 100])
def test_pieces_hold_every_word_in_order(monkeypatch, together, longest):
    monkeypatch.setattr(corpus_module, "_TOGETHER", together)
    pieces = list(read_corpus(SENTENCES, 2, no_progress).pieces(longest))
    assert [word for piece in pieces for word in piece] == [w for s in SENTENCES for w in s if w != "rare"]
    assert all(0 < len(piece) <= longest for piece in pieces)
    if longest == 100:
        kept = [[word for word in sentence if word != "rare"] for sentence in SENTENCES]
        assert pieces == [sentence for sentence in kept if sentence]


def test_an_empty_corpus():
    corpus = read_corpus([], 2, no_progress)
    assert (corpus.terms, corpus.n_sentences, list(corpus.pieces(5))) == ([], 0, [])
