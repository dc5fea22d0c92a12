"""A process that analyses the batches that come in, until none does: `python -m indexer.build.worker`."""

import sys
from typing import IO

from indexer.analysis import Analyzer, BatchAnalyzer
from indexer.build.frames import NO_MEMORY, read_json, write_result
from indexer.types import AnalysisSettings


def work(incoming: IO[bytes], outgoing: IO[bytes]) -> None:
    """Reads the settings and the views, then batch after batch, and answers each."""
    settings, views = read_json(incoming)
    analyzer = BatchAnalyzer(Analyzer(AnalysisSettings.model_validate(settings)), views)
    while True:
        try:
            batch = read_json(incoming)
        except EOFError:
            return
        known = {view: len(analyzer.vocabulary(view)) for view in views}
        found = analyzer.analyse(batch)
        write_result(
            outgoing,
            {view: (each, analyzer.vocabulary(view).terms(known[view])) for view, each in found.items()},
        )


if __name__ == "__main__":
    try:
        work(sys.stdin.buffer, sys.stdout.buffer)
    except MemoryError:
        sys.exit(NO_MEMORY)
