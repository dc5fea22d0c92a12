"""Terms that begin so, or are spelled nearly so."""

from hypothesis import given
from hypothesis import strategies as st

from indexer.lexical import MemoryLexical, arrays_in_memory
from indexer.lexical.terms import beginning, near, spelled
from tests.indexer.lexical.evaluator import edits

words = st.text("abc机器😀", min_size=1, max_size=6)


def arrays_of(terms):
    store = MemoryLexical(["text"], ["characters", "words"])
    store.add("a", {("words", "text"): [(each, 0) for each in terms], ("characters", "text"): [("机", 0)]})
    return arrays_in_memory(store)


@given(st.sets(words), words)
def test_terms_are_found_by_their_beginning(terms, prefix):
    arrays = arrays_of(terms)
    found = [spelled(arrays, number) for number in beginning(arrays, "words", prefix).tolist()]
    assert sorted(found) == sorted(term for term in terms if term.startswith(prefix))


@given(st.sets(words, max_size=40), words, st.integers(0, 2))
def test_terms_are_found_by_their_edits(terms, word, most):
    arrays = arrays_of(terms)
    numbers, distances = near(arrays, "words", word, most)
    found = {
        spelled(arrays, number): int(each) for number, each in zip(numbers.tolist(), distances, strict=True)
    }
    assert found == {term: edits(word, term) for term in terms if edits(word, term) <= most}


def test_long_words_are_near_to_none():
    long = "x" * 64
    arrays = arrays_of([long, long + "y", long + "yz"])
    assert len(near(arrays, "words", long, 1)[0]) == 2
    assert len(near(arrays, "words", long + "y", 2)[0]) == 0
