"""What a training can be told; that of an RNN in `rnn/options.py`."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class TrainingOptions(BaseModel):
    """What all of them can be told."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    seed: int = Field(default=1, ge=0, lt=2**32, description="The same seed and texts give the same weights.")
    workers: int = Field(default=1, ge=1, le=64, description="Threads.")
    patience: int = Field(
        default=5, ge=1, le=100, description="Held-out losses in a row, none the least, that end a training."
    )


class BertOptions(TrainingOptions):
    """What the pretraining of a BERT can be told."""

    batch: int = Field(default=32, ge=2, le=1024, description="Examples of a step.")
    length: int = Field(default=128, ge=16, le=512, description="Pieces of an example, and of a window.")
    start: str | None = Field(
        default=None, description="A folder of a BERT to go on from, with its vocabulary and size; none: new."
    )
    vocabulary: int = Field(default=8_000, ge=100, le=120_000, description="Pieces of a new vocabulary.")
    layers: int = Field(default=4, ge=1, le=24, description="Layers of a new BERT.")
    dims: int = Field(default=256, ge=16, le=1024, description="Length of the vectors of a new one.")
    heads: int = Field(default=4, ge=1, le=16, description="Attention heads of each layer of a new one.")
    epochs: int | None = Field(
        default=None, ge=1, le=1000, description="Walks over the texts; by itself by their size."
    )
    rate: float = Field(default=5e-4, gt=0, le=0.1, description="The highest learning rate.")
    contrastive_epochs: int | None = Field(
        default=None, ge=0, le=1000, description="Walks of the second stage; 0: there is none."
    )
    contrastive_rate: float = Field(default=3e-4, gt=0, le=0.1, description="Its highest learning rate.")
    contrastive_batch: int = Field(
        default=64, ge=2, le=4096, description="Its examples of a step, negatives of each other."
    )
    temperature: float = Field(default=0.05, gt=0, le=1, description="What its cosines are divided by.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.dims % self.heads:
            raise ValueError(f"heads={self.heads} must divide dims={self.dims}")
        return self


class FineTuningOptions(TrainingOptions):
    """What a training that begins with a BERT and ends with one task can be told."""

    batch: int = Field(default=32, ge=2, le=1024, description="Examples of a step.")
    start: str | None = Field(
        default=None, description="A folder of a BERT to begin with; none: the one that the index uses."
    )
    length: int | None = Field(
        default=None,
        ge=16,
        le=512,
        description="Pieces of two texts together; none: all that the BERT reads.",
    )
    epochs: int = Field(default=3, ge=1, le=1000, description="Walks over the examples.")
    rate: float = Field(default=1e-4, gt=0, le=0.1, description="The highest learning rate.")


class RerankerOptions(FineTuningOptions):
    """What the training of a reranker can be told; an example is a query with a relevant document."""

    batch: int = Field(default=8, ge=1, le=1024, description="Queries of a step.")
    negatives: int = Field(default=4, ge=1, le=50, description="Documents beside each that is relevant.")


class ReaderOptions(FineTuningOptions):
    """What the training of a reader can be told; an example is a question with a part of a text."""


class AutoencoderOptions(TrainingOptions):
    """What the training of an autoencoder can be told."""

    on: str | None = Field(
        default=None, description="The encoder whose vectors it reads; none: the first one."
    )
    code: int | None = Field(
        default=None,
        ge=2,
        le=256,
        description="Numbers, and bytes, of a code; none: a quarter of the dimensions.",
    )
    hidden: int = Field(default=512, ge=4, le=4096, description="Neurons of the hidden layer of each stack.")
    batch: int = Field(default=128, ge=2, le=4096, description="Vectors of a step.")
    epochs: int = Field(default=50, ge=1, le=10_000, description="Walks over the vectors.")
    rate: float = Field(default=2e-3, gt=0, le=1, description="The highest learning rate.")
