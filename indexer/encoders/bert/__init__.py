"""Encoders of model folders in the hub layout, served through onnxruntime and tokenizers alone.

What these need is loaded with the first such encoder: who has none does not wait for it."""

from pathlib import Path
from typing import TYPE_CHECKING

from indexer.encoders.bert.options import BertOptions, KeptBertOptions

if TYPE_CHECKING:
    from indexer.encoders.bert.encoder import BertEncoder

__all__ = [
    "BertOptions",
    "KeptBertOptions",
    "check_bert",
    "load_bert",
    "make_bert",
    "make_kept_bert",
]


def make_bert(options: BertOptions) -> "BertEncoder":
    """The encoder of a model folder. Raises: InputError (`bad_model_folder`), with a pointer."""
    from indexer.encoders.bert.making import make_bert

    return make_bert(options)


def make_kept_bert(folder: Path, options: KeptBertOptions) -> "BertEncoder":
    """The encoder of this folder. Raises: InputError (`bad_model_folder`), with a pointer."""
    from indexer.encoders.bert.making import make_kept_bert

    return make_kept_bert(folder, options)


def check_bert(options: BertOptions) -> None:
    """Raises InputError, with a pointer, where a folder that is here lacks what an encoder needs."""
    from indexer.encoders.bert.making import check_bert

    check_bert(options)


def load_bert(folder: Path) -> "BertEncoder":
    """The encoder that was saved in a folder. Raises: CorruptError, FormatError, MismatchError."""
    from indexer.encoders.bert.encoder import BertEncoder

    return BertEncoder.load(folder)
