"""Several processes give what one does."""

import os
import resource
import signal

import numpy as np
import pytest

from indexer.build.analysing import LocalAnalysis, ProcessAnalysis, open_analysis
from indexer.errors import WorkerError
from indexer.types import AnalysisSettings

VIEWS = ["words", "characters", "bigrams"]
SETTINGS = AnalysisSettings(dictionary=["深度学习"])
BATCHES = [
    [f"batch {number} 深度学习 node.js {'x' * (number % 3)}", "", "the same in all of them 全文检索"]
    for number in range(9)
]


def test_processes_number_terms_as_one_does():
    with LocalAnalysis(SETTINGS, VIEWS) as one, ProcessAnalysis(SETTINGS, VIEWS, 2) as two:
        for alone, together in zip(one.analyse(BATCHES), two.analyse(BATCHES), strict=True):
            for view in VIEWS:
                np.testing.assert_array_equal(alone[view].terms, together[view].terms)
                np.testing.assert_array_equal(alone[view].positions, together[view].positions)
                np.testing.assert_array_equal(alone[view].begins, together[view].begins)
        for view in VIEWS:
            assert one.vocabulary(view).terms() == two.vocabulary(view).terms()


def test_few_texts_are_analysed_here():
    assert isinstance(open_analysis(SETTINGS, VIEWS, 10), LocalAnalysis)


def killed_in_between(analysis):
    """What comes after one of the processes was killed."""
    answers = analysis.analyse(BATCHES * 20)
    next(answers)
    os.kill(analysis.process_ids[1], signal.SIGKILL)
    return list(answers)


def test_a_process_that_is_killed_is_told_of():
    with ProcessAnalysis(SETTINGS, VIEWS, 2) as two, pytest.raises(WorkerError, match="status -9"):
        killed_in_between(two)


def starved(analysis):
    """What comes after one of the processes may have no more memory."""
    answers = analysis.analyse(
        [*BATCHES, *([" ".join(f"字 {n}w{m}" for m in range(20_000))] for n in range(3))]
    )
    next(answers)
    next(answers)  # both are at work
    resource.prlimit(analysis.process_ids[1], resource.RLIMIT_DATA, (1, 1))
    return list(answers)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
def test_a_process_without_memory_is_told_apart_from_one_that_ended():
    with ProcessAnalysis(SETTINGS, VIEWS, 2) as two, pytest.raises(MemoryError):
        starved(two)


def test_processes_end_with_the_work_also_when_it_is_given_up():
    with ProcessAnalysis(SETTINGS, VIEWS, 2) as two:
        next(two.analyse(BATCHES))
        processes = two.process_ids
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
