"""A BERT gets a head for one task: what the training of a reranker and that of a reader share."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import BertForQuestionAnswering, BertForSequenceClassification

from indexer.errors import BadFileError, InputError
from indexer.pretraining.checkpoints import Checkpoints
from indexer.pretraining.convert import convert
from indexer.pretraining.device import device
from indexer.pretraining.hub import write_model
from indexer.pretraining.loop import Curves, Plan, train
from indexer.pretraining.model import check_vocabulary, load_model, n_weights, read_config
from indexer.pretraining.objectives import Objective
from indexer.pretraining.options import FineTuningOptions
from indexer.pretraining.vocabulary import Vocabulary, read_vocabulary
from indexer.types import Progress

HEADS = ("classifier.", "qa_outputs.")
HELD_OUT_EVERY = 10
"""Of so many examples one is never learned from."""

Head = BertForSequenceClassification | BertForQuestionAnswering


@dataclass(frozen=True, slots=True)
class Begun:
    """A BERT whose head has learned nothing yet; `length`: how many pieces of two texts it is to read."""

    model: Any
    vocabulary: Vocabulary
    length: int


def begin(kind: type[Head], folder: Path, options: FineTuningOptions, **config: Any) -> Begun:
    """The BERT of a folder with a new head; the same seed gives the same.

    Raises: BadFileError where there is no sound BERT; InputError where it reads less than is wanted."""
    torch.set_num_threads(options.workers)
    torch.manual_seed(options.seed)
    if (found := read_config(folder).get("model_type")) != "bert":
        raise BadFileError(f"{folder} holds a `{found}`: only a `bert` can be begun with.")
    vocabulary = read_vocabulary(folder)
    model = load_model(kind, folder, *HEADS, **config)
    check_vocabulary(folder, vocabulary.size, model.config.vocab_size)
    longest = model.config.max_position_embeddings
    if (options.length or 0) > longest:
        raise InputError(f"length={options.length}: the model in {folder} reads at most {longest} pieces.")
    nn.Module.to(model, device())
    return Begun(model, vocabulary, options.length or longest)


def fine_tune(
    begun: Begun,
    objective: Objective,
    examples: object,
    options: FineTuningOptions,
    folder: Path,
    checkpoints: Path,
    progress: Progress,
) -> Mapping[str, Any]:
    """Trains, writes a model folder with its graphs, and gives what is told of it; `examples`: all of them,
    as JSON values, by which a checkpoint of the same training is known.

    Raises: BadFileError; what `progress` raises to stop."""
    curves: Curves = {}
    kept = Checkpoints(checkpoints, _key(begun, examples, options))
    plan = Plan(options.epochs, options.rate, options.seed, options.patience)
    walk = train(objective, plan, curves, kept, progress)
    nn.Module.to(begun.model, "cpu")
    write_model(folder, begun.model, begun.vocabulary.tokenizer, begun.length)
    convert(folder, None, progress, int8=False)
    kept.clear()
    return {
        "parameters": options.model_dump(),
        "vocabulary": begun.vocabulary.size,
        "dims": begun.model.config.hidden_size,
        "weights": n_weights(begun.model),
        "curves": curves,
        "ended_early": [walk.ended_early],
        "read": walk.n_pieces,
    }


def _key(begun: Begun, examples: object, options: FineTuningOptions) -> str:
    """sha256 over all that the weights depend on."""
    said = [options.model_dump(), begun.length, torch.__version__, examples]
    digest = hashlib.sha256(json.dumps(said).encode())
    for name, each in begun.model.named_parameters():
        if not name.startswith(HEADS):
            digest.update(hashlib.sha256(each.detach().cpu().numpy().tobytes()).digest())
    return digest.hexdigest()
