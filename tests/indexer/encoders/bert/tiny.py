"""A model folder in the hub layout: one layer of attention, with random weights, and the same in numpy."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from tests.indexer.encoders.bert.onnx import FLOAT, Node, model

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
TOKENS = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    *"猫狗船中:",
    "ship",
    "bank",
    "query",
    "passage",
    *LETTERS,
    *(f"##{each}" for each in LETTERS),
]
DIMS = 16
LENGTH = 32
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
SHAPES: dict[str, Sequence[str | int]] = {
    "last_hidden_state": ("n", "length", DIMS),
    "hidden_states.0": ("n", "length", DIMS),
    "hidden_states.1": ("n", "length", DIMS),
    "attentions.0": ("n", 1, "length", "length"),
    "prediction_logits": ("n", "length", len(TOKENS)),
    "seq_relationship_logits": ("n", 2),
    "logits": ("n", 2),
    "start_logits": ("n", "length"),
    "end_logits": ("n", "length"),
}


def weights() -> dict[str, NDArray[Any]]:
    """The same at every call."""
    rng = np.random.default_rng(5)
    shapes: dict[str, tuple[int, ...]] = {
        "words": (len(TOKENS), DIMS),
        "places": (LENGTH, DIMS),
        "types": (2, DIMS),
        "next": (DIMS, 2),
        "start": (DIMS,),
        "end": (DIMS,),
    }
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def hidden_by_hand(
    ids: Sequence[int], types: Sequence[int] | None = None
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Of one sequence: what goes into the layer, its attention, what comes out, in float64."""
    given = weights()
    x = _normal(
        given["words"][list(ids)]
        + given["places"][: len(ids)]
        + given["types"][list(types or [0] * len(ids))]
    )
    scores = np.exp(x @ x.T / 4)
    attention = scores / scores.sum(axis=1, keepdims=True)
    return x, attention, _normal(x + attention @ x)


def graph(
    outputs: Sequence[str] = ("last_hidden_state",),
    given: Mapping[str, NDArray[Any]] | None = None,
    inputs: Sequence[str] = INPUTS,
    *,
    quantised: bool = False,
) -> bytes:
    """The model with some of `SHAPES` as outputs. quantised: the hidden vectors are, over a whole call."""
    constants: dict[str, NDArray[Any]] = {
        "one": np.array(1.0, np.float32),
        "first": np.array(1, np.int64),
        "zero": np.array(0, np.int64),
        "quarter": np.array(0.25, np.float32),
        "much": np.array(-1e9, np.float32),
        "ones": np.ones(DIMS, np.float32),
        "axis": np.array([1], np.int64),
    }
    nodes: list[Node] = [
        ("CumSum", ["attention_mask", "first"], ["counted"], {}),
        ("Sub", ["counted", "first"], ["places_of"], {}),
        ("Gather", ["words", "input_ids"], ["word"], {}),
        ("Gather", ["places", "places_of"], ["place"], {}),
        ("Add", ["word", "place"], ["placed"], {}),
        *_types(inputs),
        ("LayerNormalization", ["summed", "ones"], ["hidden_states.0"], {"epsilon": 1e-12}),
        ("Transpose", ["hidden_states.0"], ["turned"], {"perm": [0, 2, 1]}),
        ("MatMul", ["hidden_states.0", "turned"], ["raw"], {}),
        ("Mul", ["raw", "quarter"], ["scaled"], {}),
        ("Cast", ["attention_mask"], ["there"], {"to": FLOAT}),
        ("Sub", ["one", "there"], ["absent"], {}),
        ("Mul", ["absent", "much"], ["less"], {}),
        ("Unsqueeze", ["less", "axis"], ["lessened"], {}),
        ("Add", ["scaled", "lessened"], ["scores"], {}),
        ("Softmax", ["scores"], ["attention"], {"axis": -1}),
        ("Unsqueeze", ["attention", "axis"], ["attentions.0"], {}),
        ("MatMul", ["attention", "hidden_states.0"], ["context"], {}),
        ("Add", ["hidden_states.0", "context"], ["both"], {}),
        ("LayerNormalization", ["both", "ones"], ["exact"], {"epsilon": 1e-12}),
        *_last(quantised),
        ("Identity", ["last_hidden_state"], ["hidden_states.1"], {}),
        ("Transpose", ["words"], ["vocabulary"], {"perm": [1, 0]}),
        ("MatMul", ["last_hidden_state", "vocabulary"], ["prediction_logits"], {}),
        ("Gather", ["last_hidden_state", "zero"], ["cls"], {"axis": 1}),
        ("MatMul", ["cls", "next"], ["seq_relationship_logits"], {}),
        ("Identity", ["seq_relationship_logits"], ["logits"], {}),
        ("MatMul", ["last_hidden_state", "start"], ["start_logits"], {}),
        ("MatMul", ["last_hidden_state", "end"], ["end_logits"], {}),
    ]
    return model(
        nodes, {**weights(), **constants, **(given or {})}, inputs, {each: SHAPES[each] for each in outputs}
    )


def write_folder(
    folder: Path, files: Mapping[str, bytes | str | dict[str, Any] | None] | None = None
) -> Path:
    """A whole folder with a float graph; `files` beside it or in its place, None: not there."""
    config = {
        "model_type": "bert",
        "hidden_size": DIMS,
        "vocab_size": len(TOKENS),
        "max_position_embeddings": LENGTH,
        "pad_token_id": 0,
    }
    standard: dict[str, bytes | str | dict[str, Any] | None] = {
        "config.json": config,
        "tokenizer.json": tokenizer().to_str(),
        "1_Pooling/config.json": {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False},
        "onnx/model.onnx": graph(),
    }
    for name, content in {**standard, **(files or {})}.items():
        if content is None:
            continue
        if isinstance(content, dict):
            content = json.dumps(content)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def tokenizer() -> Tokenizer:
    """That of BERT, for `TOKENS`."""
    found = Tokenizer(WordPiece({each: place for place, each in enumerate(TOKENS)}, unk_token="[UNK]"))
    found.normalizer = BertNormalizer(lowercase=True)
    found.pre_tokenizer = BertPreTokenizer()
    found.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    found.add_special_tokens(["[MASK]"])
    return found


def _types(inputs: Sequence[str]) -> list[Node]:
    kinds = "token_type_ids" if "token_type_ids" in inputs else "nothing"
    made: list[Node] = [] if kinds in inputs else [("Mul", ["input_ids", "zero"], ["nothing"], {})]
    return [*made, ("Gather", ["types", kinds], ["kind"], {}), ("Add", ["placed", "kind"], ["summed"], {})]


def _last(quantised: bool) -> list[Node]:
    if not quantised:
        return [("Identity", ["exact"], ["last_hidden_state"], {})]
    whole = ["whole", "scale", "shift"]
    return [
        ("DynamicQuantizeLinear", ["exact"], whole, {}),
        ("DequantizeLinear", whole, ["last_hidden_state"], {}),
    ]


def _normal(x: NDArray[Any]) -> NDArray[Any]:
    wide = x.astype(np.float64)
    wide = wide - wide.mean(axis=-1, keepdims=True)
    normal: NDArray[Any] = wide / np.sqrt(np.square(wide).mean(axis=-1, keepdims=True) + 1e-12)
    return normal
