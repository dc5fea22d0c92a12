"""Recurrent networks, served through onnxruntime alone; torch is needed where they are trained.

What these need is loaded with the first such encoder: who has none does not wait for it."""

from pathlib import Path
from typing import TYPE_CHECKING

from indexer.encoders.base import Analyse, Encoder
from indexer.encoders.modelfiles import bad_folder
from indexer.encoders.rnn.decoding import Decoding, Generated, Method, Named
from indexer.encoders.rnn.options import KeptRnnOptions, RnnOptions

if TYPE_CHECKING:
    from indexer.encoders.rnn.encoder import PieceRnn, RnnEncoder, WordRnn
    from indexer.encoders.rnn.inside import RnnInside
    from indexer.encoders.rnn.language import RnnLanguageModel

__all__ = [
    "Decoding",
    "Generated",
    "KeptRnnOptions",
    "Method",
    "Named",
    "RnnOptions",
    "check_rnn",
    "language_model",
    "load_rnn",
    "make_kept_rnn",
    "make_rnn",
    "retrieves",
    "speaks",
]


def make_rnn(options: RnnOptions, analyse: Analyse) -> "WordRnn | PieceRnn":
    """The encoder of the folder that the options name. Raises: InputError (`bad_model_folder`)."""
    return make_kept_rnn(_folder(options), options, analyse)


def make_kept_rnn(folder: Path, options: KeptRnnOptions, analyse: Analyse) -> "WordRnn | PieceRnn":
    """The encoder of this folder. Raises: InputError (`bad_model_folder`), with a pointer."""
    from indexer.encoders.rnn.encoder import make_encoder

    return make_encoder(folder, options, analyse)


def check_rnn(options: RnnOptions) -> None:
    """Raises InputError, with a pointer, where the folder lacks what an encoder needs."""
    from indexer.encoders.rnn.folder import CONFIG, folder_files, read_config

    read_config(folder_files(_folder(options))[CONFIG])


def load_rnn(folder: Path, analyse: Analyse) -> "WordRnn | PieceRnn":
    """The encoder that was saved in a folder. Raises: CorruptError, FormatError, MismatchError."""
    from indexer.encoders.rnn.encoder import load_encoder

    return load_encoder(folder, analyse)


def language_model(encoder: Encoder) -> "RnnLanguageModel | None":
    """The language model of an encoder; None where it is no RNN, or has not learned the next word."""
    found = _rnn(encoder)
    return None if found is None else found.language


def retrieves(encoder: Encoder) -> bool:
    """Whether its vectors were made for searching: an RNN that only tells words or labels was not."""
    found = _rnn(encoder)
    return found is None or found.network.config.objective == "contrastive"


def speaks(encoder: Encoder) -> "RnnInside | None":
    """What is inside of an encoder out of which more comes than vectors; None where it is no such RNN."""
    found = _rnn(encoder)
    if found is None or not (found.network.config.speaks or found.network.config.outputs):
        return None
    return found.inner


def _rnn(encoder: Encoder) -> "RnnEncoder | None":
    if encoder.type != "rnn":
        return None
    from indexer.encoders.rnn.encoder import RnnEncoder

    assert isinstance(encoder, RnnEncoder)
    return encoder


def _folder(options: RnnOptions) -> Path:
    path = Path(options.model).expanduser()
    if not path.is_dir():
        raise bad_folder(path, "there is no such folder")
    return path.resolve()
