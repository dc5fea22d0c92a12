"""How a text is made of what comes next, and what comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Method = Literal["greedy", "sample", "beam"]

Named = Sequence[tuple[str, float]]
"""Names with their probabilities, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a text is made. greedy: always the likeliest word · sample: by chance, of the `top_k` likeliest
    where that is named, their logits divided by `temperature`; the same `seed` draws the same · beam: of the
    `beams` likeliest beginnings each is continued by every word, and the best are kept."""

    method: Method = "greedy"
    length: int = 20
    temperature: float = 1.0
    top_k: int | None = None
    beams: int = 4
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Generated:
    """What was made behind a text: `words` as they are written, joined in `text`. log_probability: the sum of
    those of its words, and of its end where `ended`, under the model as it is, whatever the temperature."""

    text: str
    words: Sequence[str]
    log_probability: float
    ended: bool
