"""What the training of a classifier can be told."""

from importlib.util import find_spec
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from indexer.errors import InputError


class ClassifierOptions(BaseModel):
    """What the training of a classifier can be told."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    field: str = Field(
        description="The field whose values are the labels, of the type keyword, boolean, number or date."
    )
    on: str | None = Field(
        default=None, description="`tfidf` or an encoder of the index; none: each of them, the best is kept."
    )
    kind: Literal["linear", "mlp"] = Field(default="linear", description="Without or with a hidden layer.")
    hidden: int = Field(default=128, ge=1, le=4096, description="Neurons of the hidden layer.")
    strength: float = Field(
        default=10.0, gt=0, le=1e6, description="Of `linear`, what errors count against large weights."
    )
    epochs: int = Field(default=200, ge=1, le=10_000, description="Walks over the documents, at most.")
    seed: int = Field(
        default=1, ge=0, lt=2**32, description="The same seed and documents give the same weights."
    )


def require_scikit_learn() -> None:
    """Raises InputError (`extra_missing`), which says what to install, where scikit-learn is not."""
    if find_spec("sklearn") is None:
        raise InputError(
            "Training a classifier needs scikit-learn, not installed here: pip install 'textprism[train]'.",
            code="extra_missing",
        )
