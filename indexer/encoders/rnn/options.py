"""What an encoder of an RNN can be told; what the network is was decided when it was trained."""

from pydantic import BaseModel, ConfigDict, Field


class KeptRnnOptions(BaseModel):
    """How texts become vectors through an RNN, whichever that is."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    max_length: int = Field(
        default=10_000, ge=8, le=100_000, description="Words that are read of a text; what is behind is told."
    )


class RnnOptions(KeptRnnOptions):
    """How the texts of an index become vectors through an RNN."""

    model: str = Field(
        min_length=1, max_length=4096, description="A folder of an RNN, as `textprism train` keeps it."
    )
