"""A model folder's weights as ONNX graphs, which serving needs: each is proved to answer as the weights do.

onnx/model.onnx             the model · onnx/model_quantized.onnx: the same in int8
onnx/layers.onnx            of an encoder the vectors and the attention of every layer
onnx/heads.onnx             where it has them: masked language model, next sentence"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from indexer.errors import BadFileError
from indexer.pretraining.agreement import Inputs, check_graph, check_int8, examples
from indexer.pretraining.graphs import Graph, graphs_of
from indexer.pretraining.model import check_vocabulary, read_config
from indexer.pretraining.quiet import quiet
from indexer.pretraining.vocabulary import read_tokenizer
from indexer.storage.files import make_folder, sync_file, sync_folder
from indexer.types import Progress

FOLDER = "onnx"
LARGEST = 2 * 10**9
"""Bytes of weights that a graph may hold; those of a larger one stand beside it."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What was written: each graph with its largest difference from the weights, as a share of the largest
    value, and of the int8 one the least cosine with the float one, None where it was not asked for."""

    folder: str
    graphs: Mapping[str, float]
    int8_cosine: float | None


def convert(folder: Path, to: Path | None, progress: Progress, *, int8: bool) -> Conversion:
    """Writes the graphs of a folder into `onnx/` there, or of a copy `to`; all of them or none.

    Raises: BadFileError where the folder is not sound, or a graph does not answer as the weights do."""
    target = folder if to is None else to
    if target != folder and target.exists() and any(target.iterdir()):
        raise BadFileError(f"{target} is not empty: name a new folder.")
    config = read_config(folder)
    size: int = read_tokenizer(folder).get_vocab_size()
    check_vocabulary(folder, size, int(config.get("vocab_size", 0)))
    graphs = graphs_of(folder, config)
    building = target.with_name(f".{target.name}.{FOLDER}")
    shutil.rmtree(building, ignore_errors=True)
    make_folder(building)
    try:
        names, longest = _inputs(config), _longest(config)
        tried = list(examples(names, size, longest))
        worst: dict[str, float] = {}
        for done, graph in enumerate(graphs):
            progress("convert", done, len(graphs) + int8)
            export(graph, building / graph.file, names, longest)
            worst[graph.file] = check_graph(building / graph.file, graph.model, graph.outputs, tried)
        cosine = _quantise(building, graphs[0], tried) if int8 else None
        progress("convert", len(graphs) + int8, len(graphs) + int8)
        for path in building.iterdir():
            sync_file(path)
        if target != folder:
            _copy(folder, target)
        shutil.rmtree(target / FOLDER, ignore_errors=True)
        building.rename(target / FOLDER)
        sync_folder(target)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return Conversion(str(target), worst, cosine)


def export(graph: Graph, path: Path, names: Sequence[str], longest: int) -> None:
    """Writes one graph; both the batch and the length are free."""
    free = {0: torch.export.Dim("batch"), 1: torch.export.Dim("length", max=longest)}
    try:
        with quiet():
            torch.onnx.export(
                graph.model,
                tuple(torch.ones((2, 8), dtype=torch.int64) for _ in names),  # one for two would be one input
                f=path,
                dynamo=True,  # the other exporter gets the masks of transformers wrong
                input_names=list(names),
                output_names=list(graph.outputs),
                dynamic_shapes=tuple(free for _ in names),
                external_data=_n_bytes(graph) > LARGEST,
                verbose=False,
            )
    except torch.onnx.OnnxExporterError as error:
        told = str(error).splitlines()[0]
        raise BadFileError(f"{path.name} cannot be made of these weights: {told}") from None


def _quantise(building: Path, graph: Graph, tried: Sequence[Inputs]) -> float:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    exact, path = building / graph.file, building / "model_quantized.onnx"
    with quiet():
        quantize_dynamic(exact, path, weight_type=QuantType.QInt8, per_channel=True)
    return check_int8(path, exact, graph.outputs, tried)


def _inputs(config: Mapping[str, Any]) -> list[str]:
    types = ["token_type_ids"] if config.get("type_vocab_size", 2) > 1 else []
    return ["input_ids", "attention_mask", *types]


def _longest(config: Mapping[str, Any]) -> int:
    """How many pieces the model reads; RoBERTa begins to count behind its filling."""
    positions = int(config.get("max_position_embeddings", 512))
    return positions if config["model_type"] == "bert" else positions - int(config.get("pad_token_id", 1)) - 1


def _n_bytes(graph: Graph) -> int:
    return sum(each.numel() * each.element_size() for each in graph.model.parameters())


def _copy(folder: Path, to: Path) -> None:
    """What serving reads of a folder: all but its weights."""
    left_out = (FOLDER, "*.safetensors", "*.safetensors.index.json", "*.bin", "*.pt", ".git*")
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns(*left_out), dirs_exist_ok=True)
