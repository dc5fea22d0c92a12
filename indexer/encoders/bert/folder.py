"""Model folders in the hub layout: which files there are, and what they say of the model.

config.json, tokenizer.json                    needed
onnx/model.onnx, onnx/model_quantized.onnx     one of them is needed
modules.json, 1_Pooling/config.json, sentence_bert_config.json, config_sentence_transformers.json"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from indexer.encoders.bert.options import Pooling, Precision
from indexer.encoders.modelfiles import bad_folder

GRAPHS: Mapping[Precision, str] = {"int8": "onnx/model_quantized.onnx", "float": "onnx/model.onnx"}
MODULES = frozenset({"Transformer", "Pooling", "Normalize"})
POOLINGS: Mapping[str, Pooling] = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean",  # its direction is that of the mean
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
}
PICKLES = ("pytorch_model.bin", "model.pt", "model.pkl", "model.pth", "pytorch_model.pt", "model.ckpt")
"""Weights that would have to be unpickled, which can run any program: their files are never opened."""

_OFFSET_POSITIONS = frozenset({"roberta", "xlm-roberta", "camembert", "xlm-roberta-xl", "mpnet"})
"""Families whose positions begin behind the padding token, so that two fewer can be read."""


class Prompts(NamedTuple):
    """What is put before a text, by what it is."""

    query: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """What the files of a folder say. max_length: tokens, with the special ones, that the model reads.

    graphs: those that there are."""

    path: Path
    tokenizer: Path
    graphs: Mapping[Precision, Path]
    vocabulary: int
    pad_id: int
    dims: int
    max_length: int
    pooling: Pooling
    prompts: Prompts

    def graph(self, precision: Precision) -> Path:
        """The file of the graph. Raises: InputError where there is no such one."""
        wanted = [*GRAPHS] if precision == "auto" else [precision]
        for each in wanted:
            if each in self.graphs:
                return self.graphs[each]
        names = " or ".join(f"`{GRAPHS[each]}`" for each in wanted)
        raise bad_folder(self.path, f"wanted {names}; {self._instead()}")

    def _instead(self) -> str:
        if (self.path / "model.safetensors").is_file():
            return "found `model.safetensors`: make a graph of it with `textprism models convert`"
        pickles = [name for name in PICKLES if (self.path / name).exists()]
        if pickles:
            return f"found `{pickles[0]}`, a pickle, which is never loaded: take ONNX or safetensors"
        return "found no weights: take a folder with ONNX weights"


def read_folder(path: Path) -> ModelFolder:
    """What is in a folder; its weights and its tokenizer are not opened yet.

    Raises: InputError (`bad_model_folder`), naming the file and what was wanted of it."""
    if not path.is_dir():
        raise bad_folder(path, "there is no such folder")
    config = _read(path, "config.json")
    assert config is not None
    if not (path / "tokenizer.json").is_file():
        raise bad_folder(
            path, "wanted `tokenizer.json`, a tokenizer as the library `tokenizers` writes it; found none"
        )
    _check_modules(path)
    said: dict[str, Any] = _read(path, "config_sentence_transformers.json", needed=False) or {}
    prompts: Any = said.get("prompts") or {}
    if not isinstance(prompts, dict) or not all(isinstance(each, str) for each in prompts.values()):
        raise bad_folder(path, "`config_sentence_transformers.json`: `prompts` wants texts by name")
    query: str = prompts.get("query") or ""
    document: str = prompts.get("document") or prompts.get("passage") or ""
    return ModelFolder(
        path=path,
        tokenizer=path / "tokenizer.json",
        graphs={each: path / name for each, name in GRAPHS.items() if (path / name).is_file()},
        vocabulary=_whole(path, config, "vocab_size"),
        pad_id=_whole(path, config, "pad_token_id", 0, least=0),
        dims=_whole(path, config, "hidden_size"),
        max_length=_max_length(path, config),
        pooling=_pooling(path),
        prompts=Prompts(query, document),
    )


def _max_length(path: Path, config: Mapping[str, Any]) -> int:
    positions = _whole(path, config, "max_position_embeddings")
    if config.get("model_type") in _OFFSET_POSITIONS:
        positions -= 2
    said = _read(path, "sentence_bert_config.json", needed=False) or {}
    if said.get("max_seq_length") is None:
        return positions
    wanted = _whole(path, said, "max_seq_length", file="sentence_bert_config.json")
    if wanted > positions:
        raise bad_folder(
            path,
            f"`sentence_bert_config.json` wants texts of {wanted} tokens, by `config.json` "
            f"the model reads {positions}",
        )
    return wanted


def _pooling(path: Path) -> Pooling:
    name = "1_Pooling/config.json"
    said = _read(path, name, needed=False) or {}
    wanted = [each for each, on in said.items() if each.startswith("pooling_mode_") and on is True]
    if not wanted:
        return "mean"
    if len(wanted) > 1 or wanted[0] not in POOLINGS:
        raise bad_folder(
            path, f"`{name}` wants {', '.join(wanted)}; known, one at a time: {', '.join(POOLINGS)}"
        )
    return POOLINGS[wanted[0]]


def _check_modules(path: Path) -> None:
    modules = _read(path, "modules.json", needed=False, kind=list) or []
    names = [str(each.get("type", "")) if isinstance(each, dict) else "" for each in modules]
    for name in (each.rpartition(".")[2] for each in names):
        if name not in MODULES:
            raise bad_folder(
                path, f"`modules.json` has a module `{name[:100]}`; known: {', '.join(sorted(MODULES))}"
            )


def _read(path: Path, name: str, *, needed: bool = True, kind: type = dict) -> Any:
    """The JSON of a file; None where it is not there and need not be."""
    try:
        value = orjson.loads((path / name).read_bytes())
    except FileNotFoundError:
        if needed:
            raise bad_folder(path, f"wanted `{name}`; found none") from None
        return None
    except (OSError, ValueError) as error:
        raise bad_folder(path, f"`{name}` cannot be read ({error})") from None
    if not isinstance(value, kind):
        raise bad_folder(path, f"`{name}` wants a JSON {'object' if kind is dict else 'array'}")
    return value


def _whole(
    path: Path,
    said: Mapping[str, Any],
    key: str,
    default: int | None = None,
    *,
    least: int = 1,
    file: str = "config.json",
) -> int:
    found = said.get(key, default)
    if isinstance(found, bool) or not isinstance(found, int) or found < least:
        raise bad_folder(
            path, f"`{file}` wants a whole number of at least {least} as `{key}`; found {found!r:.100}"
        )
    return found
