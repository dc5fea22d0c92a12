"""Documents with a label, a number and labelled words, which small networks can learn."""

from collections.abc import Iterable, Sequence
from typing import Any

from indexer.analysis import Analyzer
from indexer.pretraining.rnn import RnnTrainingOptions
from indexer.pretraining.rnn.examples import Source, Told
from indexer.pretraining.rnn.training import Corpus, read_corpus
from indexer.types import AnalysisSettings, no_progress
from tests.indexer.pretraining.texts import documents

ANALYZER = Analyzer(AnalysisSettings())
ANIMALS = {"小猫": "cat", "大狗": "dog"}


def rows(count: int = 80) -> list[dict[str, Any]]:
    """Documents as they are imported: `topic` a keyword, `size` a number, `animals` spans of `text`."""
    found = []
    for number, (title, text) in enumerate(documents(count)):
        spans = [
            {"start": at, "end": at + len(word), "label": label}
            for word, label in ANIMALS.items()
            for at in range(len(text))
            if text.startswith(word, at)
        ]
        found.append(
            {
                "id": f"{number:03}",
                "title": title,
                "text": text,
                "topic": title,
                "size": float(len(title) * 10 + 1),
                "animals": spans,
            }
        )
    return found


def source(field: str | None = None, given: Sequence[dict[str, Any]] | None = None) -> Source:
    """The same for a training."""
    known = rows() if given is None else given

    def read() -> Iterable[Told]:
        return (Told([each["title"], each["text"]], each.get(field or "")) for each in known)

    return Source(read, len(known), ["title", "text"])


def small(**options: Any) -> RnnTrainingOptions:
    """Options of a network that is trained in a second."""
    told = {
        "cell": "lstm",
        "embedding": 16,
        "hidden": 24,
        "epochs": 4,
        "batch": 16,
        "rate": 0.01,
        "length": 64,
        "patience": 100,
        **options,
    }
    return RnnTrainingOptions(**told)


def corpus(options: RnnTrainingOptions) -> Corpus:
    """What these options learn from."""
    return read_corpus(source(options.field), ANALYZER, options, no_progress)
