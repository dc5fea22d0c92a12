"""What an RNN learns from: documents, their texts cut into pieces of a bearable length, and what a field of
them says."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.errors import InputError
from indexer.pretraining.pieces import HELD_OUT_EVERY, Pieces
from indexer.pretraining.rnn.words import Lexis
from indexer.types import FieldValue

OUTSIDE = "O"
"""The label of a word that nothing is said of."""
MOST_LABELS = 1_000
FEWEST = HELD_OUT_EVERY
"""Documents with a value of the field."""


@dataclass(frozen=True, slots=True)
class Told:
    """A document: the texts of its fields, and its value of the field that is learned."""

    texts: Sequence[str]
    value: FieldValue | None


@dataclass(frozen=True, slots=True)
class Source:
    """Documents to learn from: `read` gives them as often as it is called; `fields`: of the texts."""

    read: Callable[[], Iterable[Told]]
    count: int
    fields: Sequence[str]


class Chunks:
    """The texts of documents for a language model, cut at `length` words; what follows a text is its end.

    sizes: how many words each example has with the number that begins it."""

    def __init__(self, pieces: Pieces, length: int, end: int) -> None:
        ends = pieces.sentences[pieces.documents]
        self._spans = [
            (first, min(first + length, stop), first + length >= stop)
            for begin, stop in pairwise(ends.tolist())
            for first in range(begin, stop, length)
        ]
        self._ids, self._end = pieces.ids, end
        self.sizes: NDArray[np.int64] = np.array([stop - first + 1 for first, stop, _ in self._spans])

    def __len__(self) -> int:
        return len(self._spans)

    def row(self, number: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The words of an example, and what follows the beginning and each of them."""
        first, stop, is_last = self._spans[number]
        following = self._end if is_last else self._ids[stop]
        return self._ids[first:stop], np.append(self._ids[first:stop], following).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts, each with what is right of it: the number of a class, a value, or a class for each word.

    `names`: of the classes · `mean`, `scale`: what values were less, and divided by."""

    rows: Sequence[Sequence[int]]
    targets: Sequence[Any]
    names: Sequence[str] = ()
    mean: float = 0.0
    scale: float = 1.0

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """How many numbers each has with the one that begins it."""
        return np.array([len(row) + 1 for row in self.rows])

    def parted(self) -> tuple["Labelled", "Labelled"]:
        """Those to learn from, and those that are held out."""
        held = [number for number in range(len(self)) if number % HELD_OUT_EVERY == HELD_OUT_EVERY - 1]
        known = sorted({*range(len(self))} - {*held})
        return self._of(known), self._of(held)

    def _of(self, numbers: Sequence[int]) -> "Labelled":
        rows, targets = ([each[number] for number in numbers] for each in (self.rows, self.targets))
        return Labelled(rows, targets, self.names, self.mean, self.scale)


def classified(source: Source, lexis: Lexis, field: str, length: int) -> Labelled:
    """Documents with the label that a keyword or boolean field gives them; of several the first counts.

    Raises: InputError where too few have one, or all the same."""
    found = [(_row(told.texts, lexis, length), str(value)) for told, value in _with_value(source, field)]
    names = _names(Counter(name for _, name in found), field)
    numbers = {name: number for number, name in enumerate(names)}
    return Labelled([row for row, _ in found], [numbers[name] for _, name in found], names)


def valued(source: Source, lexis: Lexis, field: str, length: int) -> Labelled:
    """Documents with the number of a field, less the mean, divided by the deviation.

    Raises: InputError where too few have one, or all the same."""
    found = [
        (_row(told.texts, lexis, length), float(value))
        for told, value in _with_value(source, field)
        if isinstance(value, int | float)
    ]
    values = np.array([value for _, value in found])
    scale = float(values.std())
    if not scale:
        raise InputError(
            f"All documents have the same value {values[0]:g} of `{field}`: there is nothing to learn.",
            pointer="/options/field",
            code="one_class",
        )
    mean = float(values.mean())
    return Labelled([row for row, _ in found], ((values - mean) / scale).tolist(), mean=mean, scale=scale)


def marked(source: Source, lexis: Lexis, field: str, length: int) -> Labelled:
    """Texts with a label for each word: what a list of `{"start": 3, "end": 8, "label": "place"}` in a field
    says of the characters from start on, `field` in each naming the text, the last one where it is left out.

    Raises: InputError where too few have one, one is no such object, or there is nothing but one label."""
    texts: list[tuple[list[int], list[str]]] = []
    for told, value in _with_value(source, field, first=False):
        spans = _spans(value, source.fields, field)
        for name in {name for name, *_ in spans} or {source.fields[-1]}:
            ids, places = lexis.spans(told.texts[source.fields.index(name)])
            labels = [_label(spans, name, *place) for place in places]
            texts.extend(
                (ids[at : at + length], labels[at : at + length]) for at in range(0, len(ids), length)
            )
    names = _names(Counter(each for _, labels in texts for each in labels), field)
    numbers = {name: number for number, name in enumerate(names)}
    targets = [[numbers[each] for each in labels] for _, labels in texts]
    return Labelled([ids for ids, _ in texts], targets, names)


def _row(texts: Sequence[str], lexis: Lexis, length: int) -> list[int]:
    return [number for ids in lexis.pieces(list(texts)) for number in ids][:length]


def _with_value(source: Source, field: str, *, first: bool = True) -> Sequence[tuple[Told, Any]]:
    """The documents that have a value. Raises: InputError where they are too few."""
    found: list[tuple[Told, Any]] = []
    for told in source.read():
        value: Any = told.value
        if first and isinstance(value, list):
            value = value[0] if value else None
        if value is not None and value != "" and any(text.strip() for text in told.texts):
            found.append((told, value))
    if len(found) < FEWEST:
        raise InputError(
            f"At least {FEWEST} documents with a value of `{field}` were wanted, found {len(found)}: name "
            "another field, or give more documents one.",
            pointer="/options/field",
            code="too_few_labels",
        )
    return found


def _names(counts: Mapping[str, int], field: str) -> list[str]:
    if not 2 <= len(counts) <= MOST_LABELS:
        raise InputError(
            f"From 2 to {MOST_LABELS:,} labels were wanted, `{field}` has {len(counts):,}"
            f"{'' if len(counts) != 1 else f', `{next(iter(counts))[:100]}`'}.",
            pointer="/options/field",
            code="one_class" if len(counts) < 2 else "too_many_classes",
        )
    return sorted(counts)


def _spans(value: Any, fields: Sequence[str], field: str) -> list[tuple[str, int, int, str]]:
    """The field, the start, the end and the label of each."""
    return list(_read_spans(value if isinstance(value, list) else [value], fields, field))


def _read_spans(
    values: Sequence[Any], fields: Sequence[str], field: str
) -> Iterator[tuple[str, int, int, str]]:
    for each in values:
        said = each if isinstance(each, dict) else {}
        name, start, end = said.get("field", fields[-1]), said.get("start"), said.get("end")
        label = said.get("label")
        whole = isinstance(start, int) and isinstance(end, int) and isinstance(label, str)
        if not whole or name not in fields:
            raise InputError(
                f'`{field}` wants objects such as {{"start": 3, "end": 8, "label": "place"}}, with `field` '
                f"one of {', '.join(fields)}; found {each!r:.200}.",
                pointer="/options/field",
                code="bad_labels",
            )
        assert isinstance(start, int)
        assert isinstance(end, int)
        yield name, start, end, str(label)


def _label(spans: Sequence[tuple[str, int, int, str]], field: str, start: int, end: int) -> str:
    """The label of the first span that a word stands in, or reaches into."""
    over = (label for name, first, last, label in spans if name == field and first < end and start < last)
    return next(over, OUTSIDE)
