"""What training needs beside the product itself: the extra `train`."""

from importlib.util import find_spec

from indexer.errors import InputError

MODULES = ("torch", "transformers", "onnx", "onnxscript", "safetensors")


def require_train_extra() -> None:
    """Raises InputError (`extra_missing`), which says what to install, where the extra `train` is not."""
    missing = [name for name in MODULES if find_spec(name) is None]
    if missing:
        raise InputError(
            f"Training and converting need {', '.join(missing)}, not installed here: "
            "pip install 'textprism[train]'.",
            code="extra_missing",
        )
