"""How a request wants its lists fused."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from app.search.fusion.methods import FUSIONS
from app.search.fusion.normalization import NORMALIZATIONS
from indexer.errors import UnknownNameError

Weight = Annotated[float, Field(ge=0, le=1_000)]


def _or_a_name(schema: dict[str, Any]) -> None:
    """Says in the JSON schema that the name of a method is taken for the settings with that method."""
    settings = dict(schema)
    schema.clear()
    schema["anyOf"] = [{"type": "string", "enum": list(FUSIONS)}, settings]


class FusionSettings(BaseModel):
    """How Rankings become one. The name of a method stands for its defaults: "rrf" is {"method": "rrf"}.

    Raises: UnknownNameError for a method or normalisation that does not exist."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, json_schema_extra=_or_a_name)
    method: str = Field(
        "rrf",
        description="`rrf` looks at ranks, `linear` at normalised scores, `combmnz` at these times the "
        "number of lists that hold a document.",
    )
    k: float = Field(60, gt=0, le=10_000, description="`rrf`: larger makes the first ranks count more alike.")
    weights: dict[str, Weight] = Field(
        default_factory=dict, description="By the name of the retriever; 1 where not given, 0 is off."
    )
    normalization: str = Field(
        "minmax",
        description="`linear`, `combmnz`: `minmax`, `zscore`, `theoretical`, `distribution` or `arctan`.",
    )

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, given: Any) -> Any:
        return {"method": given} if isinstance(given, str) else given

    @field_validator("method")
    @classmethod
    def _known_method(cls, name: str) -> str:
        if name not in FUSIONS:
            raise UnknownNameError("fusion method", name, FUSIONS, pointer="/fusion/method")
        return name

    @field_validator("normalization")
    @classmethod
    def _known_normalization(cls, name: str) -> str:
        if name not in NORMALIZATIONS:
            raise UnknownNameError("normalization", name, NORMALIZATIONS, pointer="/fusion/normalization")
        return name
