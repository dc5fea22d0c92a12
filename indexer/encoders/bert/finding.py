"""Where a model folder is: by its path, or by its name on the hub."""

import re
from importlib.util import find_spec
from pathlib import Path

from indexer.encoders.bert.folder import bad_folder
from indexer.errors import InputError

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
FILES = ("*.json", "onnx/model.onnx", "onnx/model.onnx_data", "onnx/model_quantized.onnx", "1_Pooling/*.json")
"""What is fetched of a model on the hub."""


def check_model(model: str) -> Path | None:
    """The folder that is meant, without asking the network; None where that may be on the hub.

    Raises: InputError (`bad_model_folder`) where it is neither."""
    path = Path(model).expanduser()
    if path.is_dir():
        return path.resolve()
    if not _HUB_NAME.fullmatch(model):
        raise bad_folder(path, "there is no such folder")
    if find_spec("huggingface_hub") is None:
        raise _not_there(model, "it would be fetched by `huggingface_hub`, which is not installed")
    return None


def find_model(model: str) -> Path:
    """The folder that is meant, fetched from the hub where it is neither a path nor in the hub's cache.

    Raises: InputError (`bad_model_folder`)."""
    return check_model(model) or _of_hub(model)


def _of_hub(model: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model, allow_patterns=list(FILES)))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise _not_there(model, f"the hub did not give it ({error!s:.200})") from None


def _not_there(model: str, why: str) -> InputError:
    return bad_folder(Path(model), f"there is no such folder here, and {why}: give the path of a folder")
