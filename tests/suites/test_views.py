"""Laws that every view keeps."""

from bisect import bisect_left

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.analysis import VIEWS, analyse, fold, runs

TEXTS = st.one_of(
    st.text(),
    st.text(alphabet="猫貓喜欢歡机器學习的 aAbc Ｇé½ﬁ-1９._+#\u0301\u200b\n"),
)


@given(TEXTS)
def test_nothing_is_lost_between_the_runs(text):
    folded = fold(text).text
    assert "".join(run.text for run in runs(folded)) == folded
    assert all(folded[run.start : run.start + len(run.text)] == run.text for run in runs(folded))


@pytest.mark.parametrize("view", VIEWS)
@given(TEXTS)
@example("機器學習 ＧＰＴ－４ Café ﬁne")
def test_offsets_are_places_of_the_text_in_order(view, text):
    tokens = analyse(text, view)
    assert len(tokens.terms) == len(tokens.starts) == len(tokens.ends)
    assert tokens.starts == sorted(tokens.starts)
    for term, start, end in zip(tokens.terms, tokens.starts, tokens.ends, strict=True):
        assert 0 <= start < end <= len(text)
        assert term
        assert not term.startswith(" ")


@pytest.mark.parametrize("view", VIEWS)
@given(TEXTS)
def test_a_position_is_the_number_of_atoms_before_a_token(view, text):
    folded = fold(text).text
    atoms = [
        run.start + place
        for run in runs(folded)
        if run.script != "other"
        for place in range(len(run.text) if run.script == "han" else 1)
    ]
    tokens = analyse(folded, view)
    assert tokens.positions == [bisect_left(atoms, start) for start in tokens.starts]


@pytest.mark.parametrize("view", VIEWS)
@given(TEXTS)
def test_a_folded_text_has_the_terms_of_the_text(view, text):
    assert analyse(fold(text).text, view).terms == analyse(text, view).terms


@pytest.mark.parametrize("view", VIEWS)
@given(TEXTS)
def test_white_space_is_in_no_word(view, text):
    """The spool of a build parts words by white space; an n-gram joins them by one space."""
    for term in analyse(text, view).terms:
        assert " ".join(term.split()) == term
