"""Frequencies as they are counted while documents stream by."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import Analyzer, BatchAnalyzer
from indexer.spelling import FormCounter
from indexer.types import AnalysisSettings

TEXTS = st.lists(st.sampled_from(["a", "b", "猫", "猫喜欢鱼", "running", "runs", "x-1", ""])).map(" ".join)
BATCHES = st.lists(st.lists(st.tuples(TEXTS, TEXTS), max_size=4), max_size=4)


@given(BATCHES)
def test_a_form_counts_once_a_document_and_at_each_place(batches):
    analyzer = BatchAnalyzer(Analyzer(AnalysisSettings()), ["forms"])
    counter = FormCounter(n_fields=2)
    df: Counter[str] = Counter()
    cf: Counter[str] = Counter()
    for batch in batches:
        counter.add(analyzer.analyse([text for fields in batch for text in fields])["forms"])
        for fields in batch:
            found = [
                form for text in fields for form in Analyzer(AnalysisSettings()).analyse(text, "forms").terms
            ]
            cf.update(found)
            df.update(set(found))
    forms = analyzer.vocabulary("forms").terms()
    assert dict(zip(forms, counter.df.tolist(), strict=True)) == df
    assert dict(zip(forms, counter.cf.tolist(), strict=True)) == cf


def test_there_is_room_for_any_number_of_forms():
    texts = [" ".join(f"w{number}" for number in range(start, start + 3_000)) for start in (0, 2_000)]
    analyzer = BatchAnalyzer(Analyzer(AnalysisSettings()), ["forms"])
    counter = FormCounter(n_fields=1)
    for text in texts:
        counter.add(analyzer.analyse([text])["forms"])
    assert counter.df.tolist() == [1] * 2_000 + [2] * 1_000 + [1] * 2_000
