"""The words of the house as types: what the rooms hand to each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

FieldType = Literal["text", "keyword", "number", "boolean", "date", "object"]
"""text: searched · keyword, number, boolean, date: metadata, also as lists · object: metadata of any kind."""

FieldValue = str | int | float | bool | list[Any] | dict[str, Any]

Ordinals = NDArray[np.int32]
Counts = NDArray[np.int32]
Weights = NDArray[np.float64]
Vectors = NDArray[np.float32]  # (n, dims)
Allowed = NDArray[np.bool_]  # (n_docs,): which documents may be found
Scores = NDArray[np.int64]  # multiples of 1 / SCORE_UNIT

SCORE_UNIT = 2**20
"""Scores of a retriever are integers in units of 2⁻²⁰, so that sums do not depend on their order."""


def to_score(values: NDArray[np.floating[Any]]) -> Scores:
    """The nearest multiples of 2⁻²⁰, as integers. A contribution is rounded here, once."""
    return np.rint(np.asarray(values, dtype=np.float64) * SCORE_UNIT).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Document:
    """A flat object with a key: text fields are searched, the other fields are metadata."""

    doc_id: str
    fields: Mapping[str, FieldValue]

    def text(self, name: str) -> str:
        """What is searched of one text field: its value, or its values one a line; empty if it has none."""
        value = self.fields.get(name, "")
        return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text in one view, as columns.

    `starts` and `ends` are character offsets in the original text, before any folding. `positions` count
    the atoms before a token, however the text was cut: an atom is one Chinese character, or one run of
    Latin letters and digits, or one of other letters. Of `深度学习 model` 学习 has 2 and `model` has 4."""

    terms: list[str]
    starts: list[int]
    ends: list[int]
    positions: list[int]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Hits of one retriever, best first. Ties: smaller ordinal, which is smaller `doc_id`.

    Shapes: ordinals (n,), scores (n,), n ≤ depth. `least`: the smallest score that the retriever could give
    to any document, None where it cannot tell."""

    ordinals: Ordinals
    scores: Scores
    least: int | None = None

    @classmethod
    def empty(cls) -> "Ranking":
        """A ranking without hits."""
        return cls(np.empty(0, np.int32), np.empty(0, np.int64))


@dataclass(frozen=True, slots=True)
class Part:
    """One addend of a score, of its own or of the part that it is in.

    The values of `parts` sum to `value`, and their contributions to `contribution`. Those of a hit's parts
    sum to its score. contribution: None for what is an addend of a value alone, where the ranks of a list and
    not its scores were fused · formula: the name of what makes the contribution of a hit's part, and the
    value of an inner one."""

    name: str
    value: float
    contribution: float | None = None
    rank: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    parts: Sequence["Part"] = ()
    formula: str = ""


class Progress(Protocol):
    """Told how far long work is. It may raise CanceledError, which stops the work."""

    def __call__(self, phase: str, done: int, total: int | None, loss: float | None = None) -> None:
        """`total` is None where it is not known; `loss` is that of a training."""


def no_progress(phase: str, done: int, total: int | None, loss: float | None = None) -> None:
    """Progress that nobody looks at."""


class FieldSettings(BaseModel):
    """How one field is treated."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: FieldType = Field(description="`text` is searched; the others are metadata.")


FieldWeight = Annotated[float, Field(gt=0, le=1_000)]


class EncoderSettings(BaseModel):
    """One dense encoder of an index. `options` are the encoder's own parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    type: str = Field(description="The kind of encoder, for example `word2vec`.")
    options: dict[str, int | float | str | bool] = Field(default_factory=dict)
    model: str | None = Field(
        None, description="Kept word vectors, `wiki` or `wiki@2`; null: they are trained at each reindex."
    )
    vectors: str | None = Field(
        None,
        description="The kind of vector index: `flat`, `HNSW32`, `IVF256,Flat`, `SQ8`, `PQ25` …; null: by "
        "size, `flat` up to 50,000 vectors, `HNSW32` above.",
    )
    fields: dict[str, FieldWeight] | None = Field(
        None,
        min_length=1,
        description='What the vector of each text field counts in a document\'s, `{"title": 2, "text": 1}`; '
        "null: the fields are one text.",
    )


EncoderName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""It names files and folders of a generation, so it is held to what is safe in a path."""

DEFAULT_VIEWS = ("words", "characters", "bigrams")

DictionaryWord = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S+$")]
Entry = Annotated[str, Field(min_length=1, max_length=64)]
SynonymGroup = Annotated[list[Entry], Field(min_length=2, max_length=32)]


class AnalysisSettings(BaseModel):
    """How the texts of an index become terms."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    dictionary: list[DictionaryWord] = Field(
        default_factory=list,
        max_length=100_000,
        description="Words that are kept whole: Chinese ones, or mixed with letters and signs as `T恤`.",
    )
    stop_words: list[Entry] | None = Field(
        None,
        max_length=10_000,
        description="Words that a query loses while others remain, in place of the built-in ones (null); "
        "an empty list: none. As of the next reindex.",
    )
    synonyms: list[SynonymGroup] = Field(
        default_factory=list,
        max_length=10_000,
        description="Groups of words, or of runs of words, that say the same: "
        '`["机器学习", "machine learning"]`. A query that holds one also asks for the others. '
        "As of the next reindex.",
    )


class IndexSettings(BaseModel):
    """What an index is made of. Fields are inferred on import where nobody has set them."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    fields: dict[str, FieldSettings] = Field(default_factory=dict)
    views: list[str] = Field(default_factory=lambda: list(DEFAULT_VIEWS))
    positions: bool = Field(True, description="Keep where terms stand, which phrases need.")
    encoders: dict[EncoderName, EncoderSettings] = Field(
        default_factory=lambda: {"word2vec": EncoderSettings(type="word2vec")}
    )
    analysis: AnalysisSettings = Field(default_factory=AnalysisSettings)

    @property
    def text_fields(self) -> list[str]:
        """Names of the searched fields, in the order they were first seen."""
        return [name for name, each in self.fields.items() if each.type == "text"]
