"""What an RNN of an index says: how a text may go on, and what comes out at each of its words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from indexer.encoders import Encoder
from indexer.encoders.rnn import Decoding, Generated, Named, language_model, speaks
from indexer.errors import FeatureMissingError, UnknownNameError
from indexer.generation import Generation

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Chance:
    """A word or a label, with its probability."""

    name: str
    probability: float


@dataclass(frozen=True, slots=True)
class Generations:
    """How a text may go on, the likeliest first; of a beam search several."""

    encoder: str
    text: str
    continuations: Sequence[Generated]


@dataclass(frozen=True, slots=True)
class StepOutput:
    """What comes out behind one word, the first that which begins a text: the likeliest next words, where
    these were learned, and the word's labels, where these were."""

    token: str
    start: int
    end: int
    next_word: Sequence[Chance]
    labels: Sequence[Chance]


@dataclass(frozen=True, slots=True)
class TextOutputs:
    """What comes out for a text: word by word, and of the whole the labels or the number of the field that
    was learned. `left_out`: words that were not looked at."""

    encoder: str
    field: str | None
    steps: Sequence[StepOutput]
    labels: Sequence[Chance]
    value: float | None
    left_out: int


def generate(generation: Generation, text: str, how: Decoding, encoder: str | None = None) -> Generations:
    """How a text may go on. Raises: FeatureMissingError where no encoder has learned the next word,
    UnknownNameError."""
    name, language = _chosen(generation, encoder, language_model)
    return Generations(name, text, language.generate(text, how))


def outputs(generation: Generation, text: str, limit: int, encoder: str | None = None) -> TextOutputs:
    """What comes out for a text, of names the likeliest. Raises: as `generate`; InputError for a text without
    words."""
    name, inside = _chosen(generation, encoder, speaks)
    found = inside.outputs(text, limit)
    steps = [
        StepOutput(each.token, each.start, each.end, _chances(each.next_word), _chances(each.labels))
        for each in found.steps
    ]
    return TextOutputs(name, inside.field, steps, _chances(found.labels), found.value, found.left_out)


def _chances(named: Named) -> list[Chance]:
    return [Chance(*each) for each in named]


def _chosen(
    generation: Generation, name: str | None, part: Callable[[Encoder], Part | None]
) -> tuple[str, Part]:
    """An encoder that has this part, the first of the index where none is named."""
    found = {
        each: has for each, dense in generation.dense.items() if (has := part(dense.encoder)) is not None
    }
    if name is not None and name not in generation.dense:
        raise UnknownNameError("encoder", name, generation.dense, pointer="/encoder")
    if not found or (name is not None and name not in found):
        raise FeatureMissingError(
            f"{'No encoder of this index' if name is None else f'`{name}`'} has learned what is asked for: "
            "train an RNN with objective=language, or with language=1 beside another, and reindex.",
            pointer="" if name is None else "/encoder",
        )
    chosen = next(iter(found)) if name is None else name
    return chosen, found[chosen]
