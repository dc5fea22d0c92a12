"""The BERT that is trained: a new one, or that of a folder."""

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import BertConfig, BertForPreTraining, PreTrainedModel

from indexer.errors import BadFileError, InputError
from indexer.pretraining.options import BertOptions
from indexer.pretraining.quiet import quiet
from indexer.pretraining.vocabulary import Vocabulary
from indexer.pretraining.weights import WEIGHTS, check_weights

WIDER = 4
"""How much wider the inner layer of each block is, as in the paper."""


def new_bert(options: BertOptions, vocabulary: Vocabulary) -> BertForPreTraining:
    """A BERT of the wanted size that has learned nothing; the same seed gives the same.

    Nothing is dropped out: texts that are read a few times are not learned by heart (Geiping and Goldstein,
    2023, "Cramming: Training a Language Model on a Single GPU in One Day"). Positions begin as sinusoids,
    from which it is a short way to look at what stands beside."""
    torch.manual_seed(options.seed)
    config = BertConfig(
        vocab_size=vocabulary.size,
        hidden_size=options.dims,
        num_hidden_layers=options.layers,
        num_attention_heads=options.heads,
        intermediate_size=options.dims * WIDER,
        max_position_embeddings=options.length,
        pad_token_id=vocabulary.pad,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    model = BertForPreTraining(config)
    with torch.no_grad():
        positions = model.bert.embeddings.position_embeddings.weight
        positions.copy_(sinusoids(options.length, options.dims) * config.initializer_range * 2**0.5)
    return model


def sinusoids(length: int, dims: int) -> Tensor:
    """Of each position p sin(p / 10000^(2i/dims)) at 2i, the cosine at 2i + 1. Shape: (length, dims).

    Source: Vaswani et al., 2017, "Attention Is All You Need", §3.5."""
    angles = torch.arange(length)[:, None] / 10_000 ** (torch.arange(0, dims, 2) / dims)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)[:, :dims]


def read_bert(folder: Path, vocabulary: Vocabulary, length: int) -> BertForPreTraining:
    """The BERT of a folder; heads that it has not begin anew.

    Raises: BadFileError where the folder has no sound one; InputError where `length` is too long for it."""
    config = read_config(folder)
    if config.get("model_type") != "bert":
        raise BadFileError(
            f"{folder} holds a `{config.get('model_type')}`: only a `bert` can be gone on from."
        )
    model: BertForPreTraining = load_model(BertForPreTraining, folder, "cls.")
    check_vocabulary(folder, vocabulary.size, model.config.vocab_size)
    longest = model.config.max_position_embeddings
    if length > longest:
        raise InputError(f"length={length}: the model in {folder} reads at most {longest} pieces.")
    return model


def read_config(folder: Path) -> dict[str, Any]:
    """What `config.json` says. Raises: BadFileError."""
    path = folder / "config.json"
    try:
        config = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadFileError(
            f"{path} cannot be read ({error}): a model folder in the hub layout is wanted."
        ) from None
    if not isinstance(config, dict):
        raise BadFileError(f"{path}: wanted a JSON object, found {type(config).__name__}.")
    return config


def load_model(kind: Any, folder: Path, *fresh: str, **config: Any) -> Any:
    """The model of a folder, from safetensors alone; `fresh`: with what the names of weights begin that may
    be missing; `config`: what is otherwise than config.json says.

    Raises: BadFileError for other formats, weights that are missing, of another shape, or not finite."""
    check_weights(folder)
    try:
        with quiet():
            model, told = kind.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                dtype=torch.float32,
                attn_implementation="eager",  # the only one that gives attention as an output
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # they are told, and refused below
                **config,
            )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise BadFileError(f"{folder} cannot be loaded: {error}.") from None
    missing = [name for name in told["missing_keys"] if not name.startswith(fresh)]
    missing = [name for name in missing if "pooler" not in name]  # which only some models have learned
    if missing or told["mismatched_keys"]:
        wrong = ", ".join(sorted([*missing, *(str(each) for each in told["mismatched_keys"])])[:5])
        raise BadFileError(
            f"{folder / WEIGHTS} does not fit config.json: missing or of another shape: {wrong}."
        )
    model.train(False)
    return model


def check_vocabulary(folder: Path, tokenizer: int, model: int) -> None:
    """Raises BadFileError where a tokenizer has pieces that the model has no vector for."""
    if tokenizer > model:
        raise BadFileError(
            f"{folder / 'tokenizer.json'} has {tokenizer:,} pieces, config.json says vocab_size {model:,}: "
            "they do not belong together."
        )


def n_weights(model: PreTrainedModel) -> int:
    """How many numbers a model has learned."""
    return sum(each.numel() for each in model.parameters())
