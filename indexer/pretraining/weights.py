"""The file of a model's weights: safetensors, and nothing that would have to be unpickled."""

from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from indexer.errors import BadFileError

WEIGHTS = "model.safetensors"


def check_weights(folder: Path) -> None:
    """Raises BadFileError where weights are no safetensors, damaged, or have a value that is not finite."""
    files = sorted(folder.glob("model*.safetensors"))
    if not files:
        pickles = sorted(
            path.name
            for pattern in ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
            for path in folder.glob(pattern)
        )
        found = f"found {', '.join(pickles)}, which are never loaded" if pickles else "found none"
        raise BadFileError(f"{folder / WEIGHTS} is wanted; {found}: save the model as safetensors.")
    for path in files:
        try:
            with safe_open(path, framework="pt") as tensors:
                for name in tensors.keys():  # noqa: SIM118  it is no mapping
                    tensor = tensors.get_tensor(name)
                    if tensor.is_floating_point() and not torch.isfinite(tensor).all():
                        raise BadFileError(
                            f"{path}: `{name}` has values that are not finite: train it again."
                        )
        except (SafetensorError, OSError) as error:
            raise BadFileError(f"{path} is damaged: {error}.") from None
