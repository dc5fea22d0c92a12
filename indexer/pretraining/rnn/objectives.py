"""What an RNN is trained for: each objective makes steps of examples; all may learn the next word beside."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Generic, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy, mse_loss, normalize

from indexer.pretraining.likeness import Likenesses
from indexer.pretraining.objectives import Losses, Step, in_batch_loss, tensor
from indexer.pretraining.order import Order
from indexer.pretraining.rnn.batches import Batch, Row, batch_of, targets_of
from indexer.pretraining.rnn.examples import Chunks, Labelled
from indexer.pretraining.rnn.model import Recurrent
from indexer.pretraining.rnn.options import RnnTrainingOptions
from indexer.pretraining.rnn.words import Lexis

HELD_OUT = 128
"""Examples that the held-out losses are of, at most."""
LANGUAGE = "language"

Numbers = NDArray[np.int64]


class Sized(Protocol):
    """Examples of known sizes."""

    @property
    def sizes(self) -> Numbers:
        """How many words each has."""

    def __len__(self) -> int: ...


Examples = TypeVar("Examples", bound=Sized)


class RnnObjective(ABC, Generic[Examples]):
    """The losses of a network on examples, and on others that it never learns from."""

    def __init__(
        self,
        model: Recurrent,
        examples: Examples,
        held_out: Examples,
        lexis: Lexis,
        options: RnnTrainingOptions,
    ) -> None:
        self.name: str = options.objective
        self.model = model
        self._examples, self._held_out = examples, held_out
        self._lexis, self._options = lexis, options
        self._order = Order(examples.sizes, options.together, options.seed)

    @property
    def steps_per_epoch(self) -> int:
        """So many steps read each example once."""
        return self._order.steps_per_epoch

    def step(self, step: int) -> Step:
        """The losses of the batch of a step; they depend on nothing else."""
        rng = np.random.default_rng([self._options.seed, 7, step])
        return self._losses(self._examples, self._order.step(step), rng)

    def held_out(self) -> Mapping[str, float]:
        """The losses of examples that are held out, the mean over what was read."""
        rng = np.random.default_rng([self._options.seed, 8])
        count = min(HELD_OUT, len(self._held_out))
        size = min(self._options.together, count)
        parts = [np.arange(at, min(at + size, count)) for at in range(0, count, size)]
        steps = [self._losses(self._held_out, part, rng) for part in parts]
        read = sum(each.n_pieces for each in steps)
        return {
            name: sum(float(each.losses[name]) * each.n_pieces for each in steps) / read
            for name in steps[0].losses
        }

    def batch(self, rows: Sequence[Row]) -> Batch:
        """Texts where the model is."""
        return batch_of(rows, self._lexis.begin, self._where)

    @property
    def _where(self) -> torch.device:
        return self.model.embedding.weight.device

    def _states(self, batch: Batch) -> Tensor:
        return self.model.states(batch.ids, batch.lengths, self._options.bptt)

    @abstractmethod
    def _losses(self, examples: Examples, numbers: Numbers, rng: np.random.Generator) -> Step:
        """The losses of some examples."""

    def _with_language(self, losses: Losses, states: Tensor, batch: Batch) -> Losses:
        """The losses, and that of the next word of the same texts, where it is learned beside."""
        if not self._options.language:
            return losses
        inside = batch.inside
        inside[:, 0] = False  # what begins a text follows nothing
        # The state before each word is to tell it; behind the last word nothing is known.
        guessed = self.model.next_word(states[:, :-1][inside[:, 1:]])
        loss = cross_entropy(guessed, batch.ids[inside])
        return {**losses, LANGUAGE: self._options.language * loss}


class NextWord(RnnObjective[Chunks]):
    """The next word, the end of a text among them: −log P(w_t | w_1 … w_{t−1}), the mean over all words."""

    def _losses(self, examples: Chunks, numbers: Numbers, rng: np.random.Generator) -> Step:  # noqa: ARG002
        rows = [examples.row(int(number)) for number in numbers]
        batch = self.batch([words for words, _ in rows])
        guessed = self.model.next_word(self._states(batch)[batch.inside])
        loss = cross_entropy(guessed, targets_of([following for _, following in rows], self._where))
        return Step({LANGUAGE: loss}, batch.n_words)


class Nearness(RnnObjective[Likenesses]):
    """A sentence is nearer to the text around it than to the other texts of its batch."""

    def _losses(self, examples: Likenesses, numbers: Numbers, rng: np.random.Generator) -> Step:
        pairs = [examples.pair(int(number), rng) for number in numbers]
        questions, texts = (self.batch([pair[side] for pair in pairs]) for side in (0, 1))
        states = self._states(texts)
        loss = in_batch_loss(
            self._vectors(self._states(questions), questions),
            self._vectors(states, texts),
            self._options.temperature,
        )
        losses = self._with_language({"contrastive": loss}, states, texts)
        return Step(losses, questions.n_words + texts.n_words)

    def _vectors(self, states: Tensor, batch: Batch) -> Tensor:
        pooled = self.model.pooled(states, batch.ids, batch.lengths)
        return normalize(self.model.projected(pooled), dim=-1)


class Field(RnnObjective[Labelled]):
    """What a field says of a text, or of each of its words: the class by cross-entropy, the mean over all
    texts or words; a number by the mean squared error."""

    def _losses(self, examples: Labelled, numbers: Numbers, rng: np.random.Generator) -> Step:  # noqa: ARG002
        batch, states, answers = self._answers(examples, numbers)
        targets = self._targets(examples, numbers)
        loss = cross_entropy(answers, targets) if examples.names else mse_loss(answers[:, 0], targets)
        return Step(self._with_language({self.name: loss}, states, batch), batch.n_words)

    def quality(self) -> dict[str, float]:
        """How well what is held out is told: the share that is right, and what the most frequent class would
        give; or the root of the mean squared error, and that of the mean."""
        numbers = np.arange(len(self._held_out))
        parts = np.array_split(numbers, max(1, len(numbers) // HELD_OUT))
        with torch.no_grad():
            answers = torch.cat([self._answers(self._held_out, part)[2] for part in parts])
        targets = self._targets(self._held_out, numbers)
        if self._held_out.names:
            counts = torch.bincount(self._targets(self._examples, np.arange(len(self._examples))))
            return {
                "accuracy": round(float((answers.argmax(dim=1) == targets).float().mean()), 4),
                "accuracy_of_most_frequent": round(float((targets == counts.argmax()).float().mean()), 4),
            }
        scale = self._held_out.scale
        return {
            "error": round(scale * float(mse_loss(answers[:, 0], targets)) ** 0.5, 6),
            "error_of_mean": round(scale * float(targets.square().mean()) ** 0.5, 6),
        }

    def _answers(self, examples: Labelled, numbers: Numbers) -> tuple[Batch, Tensor, Tensor]:
        """The texts, their states, and what is said of each text or of each word, one behind the other."""
        batch = self.batch([examples.rows[int(number)] for number in numbers])
        states = self._states(batch)
        if not self._each_word:
            return batch, states, self.model.output(self.model.pooled(states, batch.ids, batch.lengths))
        inside = batch.inside
        inside[:, 0] = False
        return batch, states, self.model.output(states[inside])

    def _targets(self, examples: Labelled, numbers: Numbers) -> Tensor:
        found = [examples.targets[int(number)] for number in numbers]
        if self._each_word:
            return targets_of(found, self._where)
        return tensor(np.array(found, np.int64 if examples.names else np.float32), self._where)

    @property
    def _each_word(self) -> bool:
        return self._options.objective == "labelling"
