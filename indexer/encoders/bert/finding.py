"""Where a model folder is: by its path, or by its name on the hub."""

import re
import socket
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

from indexer.encoders.modelfiles import bad_folder
from indexer.errors import InputError

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
FILES = ("*.json", "onnx/model.onnx", "onnx/model.onnx_data", "onnx/model_quantized.onnx", "1_Pooling/*.json")
"""What is fetched of a model on the hub."""
SECONDS = 5
"""So long the hub is waited for where it is only asked whether it has a model."""


def check_model(model: str) -> Path | None:
    """The folder that is meant, without fetching anything; None where it is one that the hub has.

    Raises: InputError (`bad_model_folder`) where it is neither."""
    path = Path(model).expanduser()
    if path.is_dir():
        return path.resolve()
    if not _HUB_NAME.fullmatch(model):
        raise bad_folder(path, "there is no such folder")
    if (cached := _cached(model)) is None:
        _check_hub(model)
    return cached


def find_model(model: str) -> Path:
    """The folder that is meant, fetched from the hub where it is neither a path nor in the hub's cache.

    Raises: InputError (`bad_model_folder`)."""
    return check_model(model) or _fetched(model)


def _cached(model: str) -> Path | None:
    """Where the hub's own cache has it."""
    if find_spec("huggingface_hub") is None:
        return None
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model, allow_patterns=list(FILES), local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError):
        return None


def _check_hub(model: str) -> None:
    """Raises InputError where the hub cannot be reached, or has it not."""
    if find_spec("huggingface_hub") is None:
        raise _not_there(model, "it would be fetched by `huggingface_hub`, which is not installed")
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        _reach_hub()
        hf_hub_download(model, "config.json", etag_timeout=SECONDS)
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise _not_there(model, f"the hub did not give it ({error!s:.200})") from None


def _reach_hub() -> None:
    """Raises OSError where the hub cannot be reached: its library would try again for half a minute. Behind a
    proxy it is left to that library."""
    from huggingface_hub.constants import ENDPOINT

    if not getproxies():
        hub = urlsplit(ENDPOINT)
        port = hub.port or (80 if hub.scheme == "http" else 443)
        socket.create_connection((hub.hostname, port), SECONDS).close()


def _fetched(model: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model, allow_patterns=list(FILES)))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise _not_there(model, f"the hub did not give it ({error!s:.200})") from None


def _not_there(model: str, why: str) -> InputError:
    return bad_folder(Path(model), f"there is no such folder here, and {why}: give the path of a folder")
