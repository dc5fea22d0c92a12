"""The training of an autoencoder as a job: the vectors of an encoder in, a kept model out, compared."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import orjson

from indexer.database import Catalogue, IndexRecord
from indexer.encoders import KeptModel, KeptModels, checked_options
from indexer.errors import InputError, UnknownNameError
from indexer.generation import Dense, IndexFolder
from indexer.pretraining import AutoencoderOptions, require_train_extra
from indexer.storage.arrays import save_array
from indexer.storage.files import write_file
from indexer.storage.locks import file_lock
from indexer.types import Progress, Vectors
from indexer.vectors import LEAST_LEARNED, Compression, Encoded, Layers, Pca, Quantised, kept

AUTOENCODER = "autoencoder"
HELD_OUT = 0.2
MOST_VECTORS, MOST_QUERIES = 100_000, 500
LEAST_VECTORS = 2 * LEAST_LEARNED


def autoencoder_options(record: IndexRecord, options: Mapping[str, Any]) -> AutoencoderOptions:
    """What a training is told. Raises: InputError, UnknownNameError where it cannot be done so."""
    require_train_extra()
    try:
        checked = checked_options(AUTOENCODER, AutoencoderOptions, options)
    except InputError as error:
        error.pointer = f"/options{error.pointer}"
        raise
    if checked.on is not None and checked.on not in record.settings.encoders:
        raise UnknownNameError("encoder", checked.on, record.settings.encoders, pointer="/options/on")
    return checked


def train_autoencoder(
    catalogue: Catalogue,  # noqa: ARG001  every training is called so
    data_dir: Path,
    record: IndexRecord,
    name: str,
    options: AutoencoderOptions,
    progress: Progress,
) -> KeptModel:
    """The next version of that name, trained on the vectors that the published generation has of an encoder,
    beside what PCA and product quantisation make of the same vectors in as many bytes.

    Raises: NotBuiltError, UnknownNameError; InputError (`corpus_too_small`, `diverged`), LockedError where it
    is being trained; what `progress` raises to stop: then the same training goes on from its last
    checkpoint."""
    from indexer.pretraining import autoencoder

    models = KeptModels(data_dir)
    encoder, vectors = _vectors(data_dir, record, options.on)
    code = options.code or max(2, vectors.shape[1] // 4)
    order = np.random.default_rng(options.seed).permutation(len(vectors))
    held_out, learned = np.split(vectors[order], [int(HELD_OUT * len(vectors))])
    checkpoints = models.training(name)
    with file_lock(checkpoints.with_suffix(".lock"), wait=False):
        stacks = autoencoder.train_autoencoder(learned, held_out, code, options, checkpoints, progress)
    encoded = Encoded(learned, stacks.encoder, stacks.decoder)
    ways: dict[str, Compression] = {
        AUTOENCODER: encoded,
        "pca": Pca(learned, code),
        "pq": Quantised(learned, code),
    }
    n_queries = min(MOST_QUERIES, len(held_out) // 2)
    queries, base = held_out[:n_queries], np.concatenate([held_out[n_queries:], learned])
    table = [kept(way, code, each, held_out, base, queries) for way, each in ways.items()]
    report = {
        "type": AUTOENCODER,
        "on": encoder,
        "vectors": len(vectors),
        "dims": vectors.shape[1],
        "bytes": vectors.shape[1] * vectors.itemsize,
        "code": code,
        "held_out": len(held_out),
        "table": [asdict(each) for each in table],
        "curves": stacks.curves,
        "ended_early": [stacks.ended_early],
        "parameters": options.model_dump(),
        "read": len(learned),
    }
    with TemporaryDirectory(prefix="textprism-") as folder:
        _save(Path(folder), encoder, stacks.encoder, stacks.decoder, encoded)
        return models.keep_folder(name, AUTOENCODER, Path(folder), code, 0, report, "nothing")


def _vectors(data_dir: Path, record: IndexRecord, on: str | None) -> tuple[str, Vectors]:
    """The vectors of an encoder, of many documents those of every second, third … one."""
    generation, _ = IndexFolder(data_dir, record.name).open()
    dense: Mapping[str, Dense] = generation.dense
    name = on or next(iter(dense), "")
    if name not in dense:
        raise UnknownNameError("encoder", name, dense, pointer="/options/on")
    n_documents = generation.manifest.documents
    step = -(-n_documents // MOST_VECTORS) or 1
    rows = [dense[name].vectors.vector(ordinal) for ordinal in range(0, n_documents, step)]
    generation.close()
    vectors = np.concatenate([np.empty((0, dense[name].encoder.dims), np.float32), *rows])
    if len(vectors) < LEAST_VECTORS:
        raise InputError(
            f"`{name}` has {len(vectors):,} vectors, at least {LEAST_VECTORS} are wanted to learn how to "
            "compress them: import more documents.",
            code="corpus_too_small",
        )
    return name, vectors


def _save(folder: Path, encoder: str, down: Layers, up: Layers, encoded: Encoded) -> None:
    """autoencoder.json, and the arrays of each layer: `encoder-0-weights.npy`, `decoder-1-bias.npy` …"""
    said = {"format": 1, "on": encoder, "layers": len(down)}
    write_file(folder / "autoencoder.json", [orjson.dumps(said)])
    for stack, layers in (("encoder", down), ("decoder", up)):
        for number, (weights, bias) in enumerate(layers):
            save_array(folder / f"{stack}-{number}-weights.npy", weights)
            save_array(folder / f"{stack}-{number}-bias.npy", bias)
    save_array(folder / "code-least.npy", encoded.bytes.least)
    save_array(folder / "code-step.npy", encoded.bytes.step)
