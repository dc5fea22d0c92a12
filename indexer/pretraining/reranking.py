"""A cross-encoder: it reads a query and a document together and says how likely the one answers the other.

Source: Nogueira and Cho, 2019, "Passage Re-ranking with BERT": the binary cross-entropy of relevant documents
and of others that a first retriever found for the same query."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits
from transformers import BertForSequenceClassification

from indexer.errors import InputError
from indexer.pretraining.examples import Judged
from indexer.pretraining.finetuning import HELD_OUT_EVERY, Begun, begin, fine_tune
from indexer.pretraining.objectives import Step, mean_losses, tensor
from indexer.pretraining.options import RerankerOptions
from indexer.pretraining.order import Order
from indexer.pretraining.padding import padded
from indexer.pretraining.vocabulary import Ids
from indexer.types import Progress

LONGEST_QUERY = 0.5
"""The share of the pieces that a query may take; the document has the rest."""


class Reranking:
    """Queries, each with one relevant document and some others, drawn anew at each step."""

    name = "reranker"

    def __init__(self, begun: Begun, judged: Sequence[Judged], options: RerankerOptions) -> None:
        self.model: BertForSequenceClassification = begun.model
        self._begun, self._options = begun, options
        queries = [_pieces(begun, [each.query])[0] for each in judged]
        relevant = [_pieces(begun, each.relevant) for each in judged]
        others = [_pieces(begun, each.others) for each in judged]
        self._groups = list(zip(queries, relevant, others, strict=True))
        numbers = np.arange(len(judged))
        held = numbers % HELD_OUT_EVERY == HELD_OUT_EVERY - 1
        self._known, self._held_out = numbers[~held], numbers[held]
        sizes = np.array([max(map(len, relevant[number])) for number in self._known])
        self._order = Order(sizes, options.batch, options.seed)

    @property
    def steps_per_epoch(self) -> int:
        """So many steps take each query once."""
        return self._order.steps_per_epoch

    def step(self, step: int) -> Step:
        """The loss of the queries of a step."""
        rng = np.random.default_rng([self._options.seed, 5, step])
        return self._losses(self._known[self._order.step(step)], rng)

    def held_out(self) -> Mapping[str, float]:
        """The mean loss of the queries that are held out."""
        rng, size = np.random.default_rng([self._options.seed, 6]), self._options.batch
        parts = [self._held_out[at : at + size] for at in range(0, len(self._held_out), size)]
        return mean_losses([self._losses(part, rng) for part in parts])

    def ordered(self) -> float:
        """In which share of all pairs of a relevant and another document of the queries that are held out the
        relevant one scores higher; 0.5 is what chance gives."""
        right = []
        for number in self._held_out:
            query, relevant, others = self._groups[number]
            with torch.no_grad():
                scores, _ = self._scores([(query, text) for text in (*relevant, *others)])
            found = scores.cpu().numpy()
            right.append((found[: len(relevant), None] > found[None, len(relevant) :]).mean())
        return round(float(np.mean(right)), 4)

    def _losses(self, numbers: Ids, rng: np.random.Generator) -> Step:
        pairs, labels = [], []
        for number in numbers:
            query, relevant, others = self._groups[number]
            chosen = rng.permutation(len(others))[: self._options.negatives]
            pairs += [
                (query, relevant[rng.integers(len(relevant))]),
                *((query, others[each]) for each in chosen),
            ]
            labels += [1.0, *[0.0] * len(chosen)]
        scores, n_pieces = self._scores(pairs)
        wanted = tensor(np.array(labels, np.float32), self.model.device)
        return Step({"relevance": binary_cross_entropy_with_logits(scores, wanted)}, n_pieces)

    def _scores(self, pairs: Sequence[tuple[list[int], list[int]]]) -> tuple[Tensor, int]:
        """The logit of each pair, and the pieces that were read."""
        room = self._begun.length - 3
        cut = [(query[: int(room * LONGEST_QUERY)], text) for query, text in pairs]
        rows = padded([(query, text[: room - len(query)]) for query, text in cut], self._begun.vocabulary)
        where = self.model.device
        found = self.model(
            input_ids=tensor(rows.ids, where),
            attention_mask=tensor(rows.attention, where),
            token_type_ids=tensor(rows.types, where),
        )
        return found.logits[:, 0], int(rows.attention.sum())


def _pieces(begun: Begun, texts: Sequence[str]) -> list[list[int]]:
    return begun.vocabulary.pieces(list(texts))


def train_reranker(
    judged: Sequence[Judged],
    start: Path,
    options: RerankerOptions,
    folder: Path,
    checkpoints: Path,
    progress: Progress,
) -> Mapping[str, Any]:
    """Writes the folder of a cross-encoder, and gives what is told of its training.

    Raises: InputError (`too_few_judgements`), BadFileError, and what `progress` raises to stop."""
    usable = [each for each in judged if each.relevant and each.others]
    if len(usable) < HELD_OUT_EVERY:
        raise InputError(
            f"A reranker wants at least {HELD_OUT_EVERY} queries with a relevant document and another "
            f"one; there are {len(usable)}: judge more.",
            code="too_few_judgements",
        )
    begun = begin(BertForSequenceClassification, start, options, num_labels=1)
    objective = Reranking(begun, usable, options)
    before, examples = objective.ordered(), [asdict(each) for each in usable]
    report = fine_tune(begun, objective, examples, options, folder, checkpoints, progress)
    return {**report, "queries": len(usable), "ordered_before": before, "ordered": objective.ordered()}
