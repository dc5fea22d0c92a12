"""What a generation keeps of a model folder: its files, and what was read from the others and the options.

models/<encoder>/   encoder.json, tokenizer.json and the graph"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from indexer.encoders.bert.folder import Prompts
from indexer.encoders.bert.options import Pooling, Windows


class Settings(BaseModel):
    """All that an encoder's answers depend on besides its files; `graph` is the name of its file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    graph: str
    pooling: Pooling
    windows: Windows
    max_length: int
    query_prompt: str
    document_prompt: str
    vocabulary: int
    pad_id: int
    dims: int

    @property
    def prompts(self) -> Prompts:
        """What is put before texts."""
        return Prompts(self.query_prompt, self.document_prompt)


def read_settings(said: Mapping[str, Any]) -> Settings:
    """What `model_dump` gave. Raises: ValidationError."""
    return Settings.model_validate(said)
