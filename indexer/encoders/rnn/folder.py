"""The folder of an RNN, as its training wrote it.

config.json             the shape of the network, and what its outputs are called
terms.txt, forms.txt    its words, and how each is mostly written; of pieces tokenizer.json in their place
rnn.onnx                the network"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from indexer.encoders.modelfiles import bad_folder

CONFIG, GRAPH = "config.json", "rnn.onnx"
TERMS, FORMS, TOKENIZER = "terms.txt", "forms.txt", "tokenizer.json"


class Config(BaseModel):
    """What `config.json` says. `outputs`: numbers of the output layer, 0: none; `each_word`: it speaks of
    every word; `names`: of its classes, none where it gives a number; `speaks`: the next word is guessed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    format: Literal[1]
    vocabulary: int = Field(ge=1)
    ordinary: int = Field(ge=1)
    unknown: int = Field(ge=0)
    begin: int = Field(ge=0)
    end: int = Field(ge=0)
    cell: Literal["vanilla", "lstm", "gru"]
    activation: Literal["tanh", "relu"]
    bidirectional: bool
    layers: int = Field(ge=1)
    embedding: int = Field(ge=1)
    hidden: int = Field(ge=1)
    pooling: Literal["mean", "last", "max", "attention"]
    projection: int | None
    tied: bool
    outputs: int = Field(ge=0)
    speaks: bool
    objective: str
    field: str | None
    each_word: bool
    names: list[str]

    @property
    def dims(self) -> int:
        """The length of the vectors."""
        return self.projection or self.hidden * (2 if self.bidirectional else 1)

    @property
    def n_states(self) -> int:
        """How many states go on in time."""
        return self.layers * (2 if self.bidirectional else 1) * (2 if self.cell == "lstm" else 1)

    @property
    def splits(self) -> bool:
        """Whether the vector of a text is a sum over its words."""
        return self.pooling in ("mean", "attention")


def read_config(path: Path) -> Config:
    """What the file says. Raises: InputError (`bad_model_folder`)."""
    try:
        return Config.model_validate_json(path.read_bytes())
    except OSError as error:
        raise bad_folder(path.parent, f"`{path.name}` cannot be read ({error.strerror})") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise bad_folder(
            path.parent, f"`{path.name}` is not that of an RNN ({where}: {first['msg']})"
        ) from None


def folder_files(folder: Path) -> dict[str, Path]:
    """The files that serving needs. Raises: InputError (`bad_model_folder`) where one is not there."""
    if not folder.is_dir():
        raise bad_folder(folder, "there is no such folder")
    words = [TOKENIZER] if (folder / TOKENIZER).is_file() else [TERMS, FORMS]
    files = {name: folder / name for name in (CONFIG, GRAPH, *words)}
    for name, path in files.items():
        if not path.is_file():
            raise bad_folder(folder, f"`{name}` is wanted, as `textprism train INDEX rnn` keeps it")
    return files
