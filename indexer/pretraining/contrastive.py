"""The second stage: texts about the same come near each other, which makes the model a retriever.

Source: van den Oord et al., 2018, "Representation Learning with Contrastive Predictive Coding" (InfoNCE); the
other texts of a batch are what is not about the same, in both directions, as in Radford et al., 2021."""

from collections.abc import Mapping

import numpy as np
from torch import Tensor
from torch.nn.functional import normalize
from transformers import BertForPreTraining

from indexer.pretraining.language import masked_loss, read
from indexer.pretraining.likeness import Likenesses
from indexer.pretraining.masking import masked
from indexer.pretraining.objectives import Step, in_batch_loss, mean_losses, tensor
from indexer.pretraining.order import Order
from indexer.pretraining.padding import padded
from indexer.pretraining.vocabulary import Ids, Vocabulary

HELD_OUT = 256
"""Documents that the held-out losses are of, at most."""


class Contrastive:
    """Sentences and what is around them. Pieces of the text around are masked and guessed meanwhile, so that
    the model does not forget what it learned before: its loss is the sum of both."""

    name = "contrastive"

    def __init__(
        self,
        model: BertForPreTraining,
        examples: Likenesses,
        held_out: Likenesses,
        vocabulary: Vocabulary,
        *,
        batch: int,
        seed: int,
        temperature: float,
    ) -> None:
        self.model = model
        self._vocabulary = vocabulary
        self._examples, self._held_out = examples, held_out
        self._order = Order(examples.sizes, batch, seed)
        self._batch, self._seed, self._temperature = batch, seed, temperature

    @property
    def steps_per_epoch(self) -> int:
        """So many steps read each document once."""
        return self._order.steps_per_epoch

    def step(self, step: int) -> Step:
        """The losses of the batch of a step."""
        rng = np.random.default_rng([self._seed, 3, step])
        return self._losses(self._examples, self._order.step(step), rng)

    def held_out(self) -> Mapping[str, float]:
        """The mean losses of documents that are held out, in batches of the same size where they suffice."""
        rng = np.random.default_rng([self._seed, 4])
        size = min(self._batch, len(self._held_out))
        numbers = np.arange(max(size, min(HELD_OUT, len(self._held_out)) // size * size))
        return mean_losses([self._losses(self._held_out, part, rng) for part in numbers.reshape(-1, size)])

    def _losses(self, examples: Likenesses, numbers: Ids, rng: np.random.Generator) -> Step:
        pairs = [examples.pair(int(number), rng) for number in numbers]
        questions = padded([(question,) for question, _ in pairs], self._vocabulary)
        texts = padded([(text,) for _, text in pairs], self._vocabulary)
        guesses = masked(texts, self._vocabulary, rng)
        where = self.model.device
        hidden = read(self.model, guesses.ids, texts, where)
        asked = mean_pooled(
            read(self.model, questions.ids, questions, where), tensor(questions.attention, where)
        )
        loss = in_batch_loss(asked, mean_pooled(hidden, tensor(texts.attention, where)), self._temperature)
        losses = {"contrastive": loss, "mlm": masked_loss(self.model, hidden, guesses, where)}
        return Step(losses, int(questions.attention.sum() + texts.attention.sum()))


def mean_pooled(hidden: Tensor, attention: Tensor) -> Tensor:
    """The mean of the vectors of the pieces that are there, at length 1. Shapes: (n, longest, dims),
    (n, longest) → (n, dims)."""
    there = attention.unsqueeze(-1).to(hidden.dtype)
    return normalize((hidden * there).sum(dim=1) / there.sum(dim=1), dim=-1)
