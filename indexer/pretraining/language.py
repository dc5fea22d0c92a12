"""The first stage: guess what is masked, and whether one text follows another.

Source: Devlin et al., 2019, §3.1. The loss is the sum of both."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import BertForPreTraining

from indexer.pretraining.masking import Masked, masked
from indexer.pretraining.next_sentence import NextSentences
from indexer.pretraining.objectives import Losses, Step, mean_losses, tensor
from indexer.pretraining.order import Order
from indexer.pretraining.padding import Padded, padded
from indexer.pretraining.vocabulary import Ids, Vocabulary

HELD_OUT = 256
"""Examples that the held-out losses are of, at most."""


class LanguageModel:
    """Masked language model and next-sentence prediction over some documents."""

    name = "bert"

    def __init__(
        self,
        model: BertForPreTraining,
        examples: NextSentences,
        held_out: NextSentences,
        vocabulary: Vocabulary,
        *,
        batch: int,
        seed: int,
    ) -> None:
        self.model = model
        self._vocabulary = vocabulary
        self._examples, self._held_out = examples, held_out
        self._order = Order(examples.sizes, batch, seed)
        self._batch, self._seed = batch, seed

    @property
    def steps_per_epoch(self) -> int:
        """So many steps read each example once."""
        return self._order.steps_per_epoch

    def step(self, step: int) -> Step:
        """The losses of the batch of a step: its pairs, what is masked and how depend on nothing else."""
        rng = np.random.default_rng([self._seed, 1, step])
        return self._losses(self._examples, self._order.step(step), rng)

    def held_out(self) -> Mapping[str, float]:
        """The mean losses of examples that are held out."""
        rng = np.random.default_rng([self._seed, 2])
        numbers = np.arange(min(HELD_OUT, len(self._held_out)))
        parts = [numbers[at : at + self._batch] for at in range(0, len(numbers), self._batch)]
        return mean_losses([self._losses(self._held_out, part, rng) for part in parts])

    def _losses(self, examples: NextSentences, numbers: Ids, rng: np.random.Generator) -> Step:
        pairs = [examples.pair(int(number), rng) for number in numbers]
        batch = padded([(pair.first, pair.second) for pair in pairs], self._vocabulary)
        labels = np.array([pair.label for pair in pairs], np.int64)
        guesses = masked(batch, self._vocabulary, rng)
        return Step(bert_losses(self.model, batch, guesses, labels), int(batch.attention.sum()))


def bert_losses(model: BertForPreTraining, batch: Padded, guesses: Masked, labels: Ids) -> Losses:
    """The mean cross-entropy of the masked pieces (`mlm`) and of what follows (`nsp`), in nats.

    The head of the language model, most of the work where the vocabulary is large, is computed only where
    something is to be guessed. Shape: labels (n,)."""
    where = model.device
    hidden = read(model, guesses.ids, batch, where)
    assert model.bert.pooler is not None
    followed = model.cls.seq_relationship(model.bert.pooler(hidden))
    return {
        "mlm": masked_loss(model, hidden, guesses, where),
        "nsp": cross_entropy(followed, tensor(labels, where)),
    }


def read(model: BertForPreTraining, ids: Ids, batch: Padded, where: torch.device) -> Tensor:
    """The vectors of the last layer. Shape: (n, longest, dims)."""
    found = model.bert(
        input_ids=tensor(ids, where),
        attention_mask=tensor(batch.attention, where),
        token_type_ids=tensor(batch.types, where),
    )
    hidden: Tensor = found.last_hidden_state
    return hidden


def masked_loss(model: BertForPreTraining, hidden: Tensor, guesses: Masked, where: torch.device) -> Tensor:
    """The mean cross-entropy of the masked pieces, in nats."""
    at = hidden[tensor(guesses.rows, where), tensor(guesses.columns, where)]
    return cross_entropy(model.cls.predictions(at), tensor(guesses.targets, where))
