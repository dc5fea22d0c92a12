"""A reader: it marks where in a text the answer to a question begins and ends, or that it is not there.

Source: Devlin et al., 2019, §4.2 and §4.3: the cross-entropy of the first and of the last piece; a part of a
text without the answer points at `[CLS]`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import BertForQuestionAnswering

from indexer.errors import InputError
from indexer.pretraining.examples import Answered
from indexer.pretraining.finetuning import HELD_OUT_EVERY, Begun, begin, fine_tune
from indexer.pretraining.objectives import Step, mean_losses, tensor
from indexer.pretraining.options import ReaderOptions
from indexer.pretraining.order import Order
from indexer.pretraining.padding import padded
from indexer.pretraining.vocabulary import Ids
from indexer.types import Progress

LONGEST_QUESTION = 0.5
"""The share of the pieces that a question may take; the text has the rest."""


@dataclass(frozen=True, slots=True)
class Window:
    """A question and a part of a text, in pieces; `first`, `last`: where the answer is in the whole sequence,
    0 and 0 where this part has it not."""

    question: list[int]
    part: list[int]
    first: int
    last: int


def windows(begun: Begun, answered: Answered) -> list[Window]:
    """The parts of a text, each half a part on, that hold the answer, and the first of the others."""
    tokenizer = begun.vocabulary.tokenizer
    room = begun.length - 3
    question = tokenizer.encode(answered.question, add_special_tokens=False).ids[
        : int(room * LONGEST_QUESTION)
    ]
    text = tokenizer.encode(answered.text, add_special_tokens=False)
    inside = [i for i, (a, b) in enumerate(text.offsets) if a < answered.end and b > answered.start]
    width, before = room - len(question), len(question) + 2
    found: list[Window] = []
    lacking: list[Window] = []
    for at in range(0, max(1, len(text.ids) - width // 2), max(1, width // 2)):
        part = text.ids[at : at + width]
        if inside and at <= inside[0] and inside[-1] < at + len(part):
            found.append(Window(question, part, before + inside[0] - at, before + inside[-1] - at))
        else:
            lacking.append(Window(question, part, 0, 0))
    return [*found, *lacking[:1]] if found else []


class Reading:
    """Questions with parts of texts."""

    name = "reader"

    def __init__(self, begun: Begun, answered: Sequence[Answered], options: ReaderOptions) -> None:
        self.model: BertForQuestionAnswering = begun.model
        self._begun, self._options = begun, options
        parted: tuple[list[Window], list[Window]] = ([], [])
        for number, each in enumerate(answered):
            parted[number % HELD_OUT_EVERY == HELD_OUT_EVERY - 1].extend(windows(begun, each))
        self._known, self._held_out = parted
        if not self._known or not self._held_out:
            raise InputError("No answer lies within what the model reads at once.", code="too_few_answers")
        sizes = np.array([len(each.question) + len(each.part) for each in self._known])
        self._order = Order(sizes, options.batch, options.seed)

    @property
    def steps_per_epoch(self) -> int:
        """So many steps take each part once."""
        return self._order.steps_per_epoch

    def step(self, step: int) -> Step:
        """The loss of the parts of a step."""
        return self._losses([self._known[number] for number in self._order.step(step)])

    def held_out(self) -> Mapping[str, float]:
        """The mean loss of the questions that are held out."""
        return mean_losses([self._losses(part) for part in self._parts()])

    def exact(self) -> float:
        """In which share of the parts with an answer, of questions that are held out, it is marked exactly:
        the best pair of places in the text, the last not before the first."""
        right = []
        for part in self._parts():
            with torch.no_grad():
                first, last, _ = self._logits(part)
            for window, begins, ends in zip(part, first.cpu().numpy(), last.cpu().numpy(), strict=True):
                if window.first:
                    right.append(_best(window, begins, ends) == (window.first, window.last))
        return round(float(np.mean(right)), 4)

    def _parts(self) -> list[list[Window]]:
        size = self._options.batch
        return [self._held_out[at : at + size] for at in range(0, len(self._held_out), size)]

    def _losses(self, some: Sequence[Window]) -> Step:
        first, last, n_pieces = self._logits(some)
        where = self.model.device
        losses = {
            "first": cross_entropy(first, tensor(np.array([each.first for each in some]), where)),
            "last": cross_entropy(last, tensor(np.array([each.last for each in some]), where)),
        }
        return Step(losses, n_pieces)

    def _logits(self, some: Sequence[Window]) -> tuple[Tensor, Tensor, int]:
        """Of the first piece of an answer and of the last, places that are filled up out of question."""
        rows = padded([(each.question, each.part) for each in some], self._begun.vocabulary)
        where = self.model.device
        attention = tensor(rows.attention, where)
        found = self.model(
            input_ids=tensor(rows.ids, where),
            attention_mask=attention,
            token_type_ids=tensor(rows.types, where),
        )
        nowhere = attention == 0
        first, last = (each.masked_fill(nowhere, -1e4) for each in (found.start_logits, found.end_logits))
        return first, last, int(rows.attention.sum())


def _best(window: Window, begins: Ids, ends: Ids) -> tuple[int, int]:
    """The best first and last place within the part of the text."""
    before = len(window.question) + 2
    span = slice(before, before + len(window.part))
    sums = np.where(
        np.triu(np.ones((len(window.part),) * 2, np.bool_)), begins[span, None] + ends[None, span], -np.inf
    )
    first, last = np.unravel_index(int(sums.argmax()), sums.shape)
    return before + int(first), before + int(last)


def train_reader(
    answered: Sequence[Answered],
    start: Path,
    options: ReaderOptions,
    folder: Path,
    checkpoints: Path,
    progress: Progress,
) -> Mapping[str, Any]:
    """Writes the folder of a reader, and gives what is told of its training.

    Raises: InputError (`too_few_answers`), BadFileError, and what `progress` raises to stop."""
    if len(answered) < HELD_OUT_EVERY:
        raise InputError(
            f"A reader wants at least {HELD_OUT_EVERY} questions with an answer in their text; there are "
            f"{len(answered)}: add some.",
            code="too_few_answers",
        )
    begun = begin(BertForQuestionAnswering, start, options)
    objective = Reading(begun, answered, options)
    before, examples = objective.exact(), [asdict(each) for each in answered]
    report = fine_tune(begun, objective, examples, options, folder, checkpoints, progress)
    return {**report, "questions": len(answered), "exact_before": before, "exact": objective.exact()}
