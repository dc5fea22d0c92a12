"""A model folder in the hub layout, which transformers, sentence-transformers and this product read alike.

config.json  model.safetensors  tokenizer.json  tokenizer_config.json
modules.json  1_Pooling/config.json  sentence_bert_config.json       of an encoder alone"""

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from transformers import PreTrainedModel

from indexer.pretraining.quiet import quiet
from indexer.pretraining.vocabulary import CLS, MASK, PAD, SEP, TOKENIZER, UNKNOWN
from indexer.storage.files import make_folder, write_file

_MODULE = "sentence_transformers.models"


def write_model(folder: Path, model: PreTrainedModel, tokenizer: Tokenizer, length: int) -> None:
    """Writes weights, configuration and tokenizer."""
    make_folder(folder)
    with quiet():
        model.save_pretrained(folder)
    write_file(folder / TOKENIZER, [tokenizer.to_str(pretty=True).encode()])
    _write(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": length,
            "model_input_names": ["input_ids", "token_type_ids", "attention_mask"],
            "unk_token": UNKNOWN,
            "cls_token": CLS,
            "sep_token": SEP,
            "pad_token": PAD,
            "mask_token": MASK,
        },
    )


def write_pooling(folder: Path, dims: int, length: int) -> None:
    """Says that the model is an encoder: the mean over the pieces, at length 1, of `length` pieces."""
    modules = [("0", "", "Transformer"), ("1", "1_Pooling", "Pooling"), ("2", "2_Normalize", "Normalize")]
    _write(
        folder / "modules.json",
        [
            {"idx": int(name), "name": name, "path": path, "type": f"{_MODULE}.{kind}"}
            for name, path, kind in modules
        ],
    )
    make_folder(folder / "1_Pooling")
    _write(
        folder / "1_Pooling" / "config.json",
        {
            "word_embedding_dimension": dims,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
    )
    _write(folder / "sentence_bert_config.json", {"max_seq_length": length, "do_lower_case": False})


def _write(path: Path, value: Any) -> None:
    write_file(path, [json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"])
