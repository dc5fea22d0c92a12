"""What a text is spelled of, whatever a segmenter makes of it: where a phrase stands, its units stand."""

from typing import Literal, NamedTuple

from indexer.analysis.folding import Folded
from indexer.analysis.identifiers import identifiers
from indexer.analysis.runs import token_runs
from indexer.analysis.views import stem


class Unit(NamedTuple):
    """A Chinese character, a name with signs, or a run of other letters: a term of the view that holds it.

    `position` as that of tokens; a name takes as many positions as it has parts. [`start`, `end`) are
    places in the original text."""

    view: Literal["characters", "words"]
    term: str
    position: int
    start: int
    end: int


def units(folded: Folded) -> list[Unit]:
    """The units of a folded text, in order."""
    names = dict(identifiers(folded.text))
    found: list[Unit] = []
    position, name_end = 0, 0
    for run in token_runs(folded.text):
        spans: list[tuple[int, int]] = []
        if run.script == "han":
            spans = [(place, place + 1) for place in range(run.start, run.start + len(run.text))]
        elif run.start >= name_end:
            name_end = names.get(run.start, run.start)
            spans = [(run.start, max(name_end, run.start + len(run.text)))]
        for offset, (start, end) in enumerate(spans):
            term = stem(folded.text[start:end])
            view: Literal["characters", "words"] = "characters" if run.script == "han" else "words"
            found.append(Unit(view, term, position + offset, folded.start(start), folded.end(end)))
        position += run.atoms
    return found
