"""What the training of an RNN can be told."""

from typing import Literal, Self

from pydantic import Field, model_validator

from indexer.pretraining.options import TrainingOptions

Cell = Literal["vanilla", "lstm", "gru"]
Objective = Literal["contrastive", "language", "labelling", "classification", "regression"]
Pooling = Literal["mean", "last", "max", "attention"]

OF_A_FIELD = ("labelling", "classification", "regression")
"""Objectives that learn what a field of the documents says."""


class RnnTrainingOptions(TrainingOptions):
    """What the training of an RNN can be told. The network is that of `start` where one is named."""

    objective: Objective = Field(
        default="contrastive",
        description="contrastive: parts of one text come near each other, which makes the best retriever; "
        "language: the next word; classification, regression: what `field` says of a document, a label or a "
        "number; labelling: what it says of words, a list of objects with start, end and label.",
    )
    field: str | None = Field(default=None, description="The field that is learned, where one is.")
    language: float = Field(
        default=0.0,
        ge=0,
        le=100,
        description="What the loss of the next word counts beside that of another objective.",
    )
    input: Literal["words", "pieces"] = Field(
        default="words", description="words: those of the index's analysis; pieces: of words, WordPiece."
    )
    vocabulary: int = Field(
        default=10_000, ge=50, le=200_000, description="Words or pieces, the frequent ones."
    )
    min_count: int = Field(default=2, ge=1, le=1000, description="Rarer words are unknown.")
    start: str | None = Field(
        default=None, description="A folder of an RNN to go on from, with its vocabulary and size; none: new."
    )

    cell: Cell = Field(default="gru", description="What is done at each step.")
    activation: Literal["tanh", "relu"] = Field(default="tanh", description="Of the vanilla cell.")
    bidirectional: bool = Field(default=False, description="Read from both ends; not with a language model.")
    layers: int = Field(default=1, ge=1, le=8, description="Layers.")
    embedding: int = Field(default=128, ge=4, le=1024, description="Numbers that a word goes in as.")
    hidden: int = Field(default=256, ge=4, le=2048, description="Numbers of a hidden state, each direction.")
    pooling: Pooling = Field(default="mean", description="How the states of a text become its vector.")
    projection: int | None = Field(
        default=None,
        ge=8,
        le=1024,
        description="Numbers that the vector is mapped to; none: as many as there are.",
    )
    tied: bool = Field(
        default=False, description="The output layer has the weights of the input; wants hidden = embedding."
    )

    input_init: Literal["xavier", "he", "normal"] = Field(default="xavier", description="Of W_xh.")
    recurrent_init: Literal["orthogonal", "xavier", "he"] = Field(
        default="orthogonal", description="Of W_hh."
    )
    output_init: Literal["xavier", "he"] = Field(default="xavier", description="Of W_hy.")
    bias_init: Literal["zero", "normal"] = Field(default="zero", description="Of the biases.")
    gate_bias: float = Field(
        default=1.0, ge=-10, le=10, description="Of the forget gate of the LSTM, the update gate of the GRU."
    )

    length: int = Field(default=128, ge=4, le=4096, description="Words of an example.")
    bptt: int | None = Field(
        default=None, ge=1, le=4096, description="Steps that gradients go back; none: all of an example."
    )
    epochs: int | None = Field(
        default=None, ge=1, le=1000, description="Walks over the texts; by itself by their size."
    )
    batch: int | None = Field(
        default=None, ge=2, le=1024, description="Examples of a step; by itself 64, of a language model 16."
    )
    rate: float = Field(default=2e-3, gt=0, le=10, description="The highest learning rate.")
    optimiser: Literal["adamw", "adam", "rmsprop", "sgd"] = Field(default="adamw", description="What steps.")
    schedule: Literal["linear", "cosine", "constant"] = Field(
        default="linear", description="How the rate falls after it has risen over a tenth of the steps."
    )
    clip: float = Field(default=1.0, gt=0, le=1000, description="The length a longer gradient is cut to.")
    temperature: float = Field(
        default=0.05, gt=0, le=1, description="What the cosines of the contrastive objective are divided by."
    )

    @property
    def together(self) -> int:
        """Examples of a step: the more the harder to tell apart, the fewer the more steps."""
        return self.batch or (16 if self.objective == "language" else 64)

    @property
    def speaks(self) -> bool:
        """Whether the next word is learned."""
        return self.objective == "language" or self.language > 0

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.bidirectional and (self.speaks or self.bptt):
            raise ValueError("a language model and bptt read in one direction: leave bidirectional out")
        if self.tied and self.hidden != self.embedding:
            raise ValueError(f"tied wants hidden={self.hidden} and embedding={self.embedding} alike")
        if self.tied and not self.speaks:
            raise ValueError("tied is of the next word: take objective=language, or language=1")
        if (self.objective in OF_A_FIELD) != (self.field is not None):
            wanted = "wants" if self.field is None else "has no use for"
            raise ValueError(f"objective={self.objective} {wanted} field=NAME")
        return self
