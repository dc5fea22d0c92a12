"""What an encoder of a model folder can be told; what is left out is read from the folder's own files."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Pooling = Literal["mean", "cls", "max"]
Windows = Literal["max", "mean"]
Precision = Literal["auto", "float", "int8"]
MINILM = "minilm"
"""The model that comes as a Python package."""


class KeptBertOptions(BaseModel):
    """How texts become vectors through a model folder, whichever that is."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    precision: Precision = Field(
        default="auto", description="Which graph of the folder; auto: int8 where there is one."
    )
    pooling: Pooling | None = Field(default=None, description="Null: as the folder says, or else the mean.")
    max_length: int | None = Field(
        default=None, ge=8, le=32_768, description="Tokens of a window; null: as many as the model reads."
    )
    windows: Windows = Field(
        default="max",
        description="A text longer than a window, max: a vector for each window, the best one counts; "
        "mean: one vector, the mean of its windows'.",
    )
    query_prompt: str | None = Field(
        default=None, max_length=1_000, description="Put before a query; null: as the folder says."
    )
    document_prompt: str | None = Field(
        default=None, max_length=1_000, description="Put before a document; null: as the folder says."
    )


class BertOptions(KeptBertOptions):
    """How the texts of an index become vectors through a model folder."""

    model: str = Field(
        default=MINILM,
        min_length=1,
        max_length=4096,
        description="A folder in the hub layout, or the name of one on the hub; or `minilm`, a small English "
        "model that comes with the extra of this name.",
    )
