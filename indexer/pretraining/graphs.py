"""What of a model becomes a graph: its inputs and outputs by the names that serving looks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from transformers import (
    AutoModel,
    AutoModelForMaskedLM,
    AutoModelForPreTraining,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
)

from indexer.errors import BadFileError
from indexer.pretraining.model import load_model

FAMILIES = ("bert", "roberta", "xlm-roberta")


@dataclass(frozen=True, slots=True)
class Graph:
    """A file to write, the model that it is of, and what its outputs are called."""

    file: str
    model: nn.Module
    outputs: Sequence[str]


class _Chosen(nn.Module):
    """A model whose answer is a tuple of the outputs that are wanted."""

    def __init__(self, model: nn.Module, names: Sequence[str], **asked: bool) -> None:
        super().__init__()
        self.model, self._names, self._asked = model, names, asked

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        types = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        found = self.model(
            input_ids=input_ids, attention_mask=attention_mask, **types, **self._asked, return_dict=True
        )
        chosen: list[Tensor] = []
        for name in self._names:
            value = found[name]
            chosen.extend(value if isinstance(value, tuple) else [value])
        return tuple(chosen)


def graphs_of(folder: Path, config: Mapping[str, Any]) -> list[Graph]:
    """The graphs of a folder: of an encoder also one of its layers, and one of the heads that it has.

    Raises: BadFileError where the model is of another family, or its weights are not sound."""
    if config.get("model_type") not in FAMILIES:
        raise BadFileError(
            f"{folder / 'config.json'}: wanted a model_type of {', '.join(FAMILIES)}, "
            f"found `{config.get('model_type')}`."
        )
    architecture = str((config.get("architectures") or [""])[0])
    if architecture.endswith("ForSequenceClassification"):
        return [_whole(load_model(AutoModelForSequenceClassification, folder), "logits")]
    if architecture.endswith("ForQuestionAnswering"):
        return [_whole(load_model(AutoModelForQuestionAnswering, folder), "start_logits", "end_logits")]
    encoder = load_model(AutoModel, folder)
    graphs = [_whole(encoder, "last_hidden_state"), _layers(encoder, encoder.config.num_hidden_layers)]
    if architecture.endswith("ForPreTraining"):
        names = ["prediction_logits", "seq_relationship_logits"]
        model = _Chosen(load_model(AutoModelForPreTraining, folder), names)
        graphs.append(Graph("heads.onnx", model, names))
    elif architecture.endswith("ForMaskedLM"):
        model = _Chosen(load_model(AutoModelForMaskedLM, folder), ["logits"])
        graphs.append(Graph("heads.onnx", model, ["prediction_logits"]))
    return graphs


def _whole(model: nn.Module, *outputs: str) -> Graph:
    return Graph("model.onnx", _Chosen(model, outputs), outputs)


def _layers(model: nn.Module, n_layers: int) -> Graph:
    chosen = _Chosen(
        model, ["hidden_states", "attentions"], output_hidden_states=True, output_attentions=True
    )
    hidden = [f"hidden_states.{layer}" for layer in range(n_layers + 1)]
    return Graph("layers.onnx", chosen, [*hidden, *(f"attentions.{layer}" for layer in range(n_layers))])
