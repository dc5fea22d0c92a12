"""A network as one ONNX graph, which serving runs: the same operators whatever the length and the batch.

inputs    ids (n, longest) int64 · lengths (n,) int32 · state (states, n, hidden): what it begins with, of
          each layer its directions, of an LSTM all h before all c; zeros for a text
outputs   hidden_states.0 … the vectors that go in, then the states of each layer (n, longest, ·)
          tokens (n, longest, dims) the last of these, projected · weights (n, longest) what each counts in
          vector (n, dims) the pooled one, projected, of any length · final_state as `state`, at the end
          next_logits (n, vocabulary) · output (n, outputs), or (n, longest, outputs) of labels of words

The gates are put into the order of ONNX: of the LSTM i, o, f, g, of the GRU z, r, n, with
linear_before_reset = 1. What is behind a text comes out as 0."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from indexer.pretraining.rnn.model import GATES, Recurrent

OPSET = 18
IR_VERSION = 9
ORDER = {"vanilla": (0,), "lstm": (0, 3, 1, 2), "gru": (1, 0, 2)}
OPERATORS = {"vanilla": "RNN", "lstm": "LSTM", "gru": "GRU"}
LOWEST = -1e30
"""What the scores of steps that are not pooled become; its exponential is 0."""


def write_graph(model: Recurrent, *, each_step: bool) -> bytes:
    """The graph of a network; `each_step`: whether its output layer speaks of every word."""
    return _Writer(model).write(each_step=each_step)


class _Writer:
    """A graph under way: nodes, constants, and what comes out."""

    def __init__(self, model: Recurrent) -> None:
        self._model, self._shape = model, model.shape
        self._nodes: list[Any] = []
        self._constants: dict[str, NDArray[Any]] = {}
        self._outputs: list[Any] = []
        self._n_states = self._shape.layers * (2 if self._shape.bidirectional else 1)

    def write(self, *, each_step: bool) -> bytes:
        shape = self._shape
        self._add("Transpose", ["ids"], "ids_by_step", perm=[1, 0])
        self._add("Gather", [self._weight("embedding", self._model.embedding.weight), "ids_by_step"], "x.0")
        self._by_text("x.0", "hidden_states.0", shape.embedding)
        for layer in range(shape.layers):
            self._layer(layer)
        top = f"hidden_states.{shape.layers}"
        kinds = "hc" if shape.cell == "lstm" else "h"
        ends = [f"{kind}.{layer}" for kind in kinds for layer in range(shape.layers)]
        self._add("Concat", ends, "final_state", axis=0)
        self._out("final_state", ["states", "n", shape.hidden])
        self._known()
        self._pooled(top)
        self._linear("projection", "pooled", "vector", [])
        self._linear("projection", top, "tokens", ["longest"])
        if shape.speaks:
            self._add("Squeeze", [f"h.{shape.layers - 1}", self._integers("first", [0])], "last")
            self._linear("next_word", "last", "next_logits", [])
        if shape.outputs:
            self._linear("output", top if each_step else "pooled", "output", ["longest"] if each_step else [])
        return self._model_bytes()

    def _layer(self, layer: int) -> None:
        shape = self._shape
        directions = 2 if shape.bidirectional else 1
        w, r, b = (self._constant(f"{name}.{layer}", each) for name, each in self._gates(layer).items())
        first = slice(layer * directions, (layer + 1) * directions)
        inputs = [f"x.{layer}", w, r, b, "lengths", self._state(f"h.{layer}.first", first)]
        more: dict[str, Any] = {}
        outputs = [f"y.{layer}", f"h.{layer}"]
        if shape.cell == "lstm":
            behind = slice(self._n_states + first.start, self._n_states + first.stop)
            inputs.append(self._state(f"c.{layer}.first", behind))
            outputs.append(f"c.{layer}")
        elif shape.cell == "gru":
            more["linear_before_reset"] = 1
        else:
            more["activations"] = [{"tanh": "Tanh", "relu": "Relu"}[shape.activation]] * directions
        self._nodes.append(
            helper.make_node(
                OPERATORS[shape.cell],
                inputs,
                outputs,
                hidden_size=shape.hidden,
                direction="bidirectional" if shape.bidirectional else "forward",
                **more,
            )
        )
        # (longest, directions, n, hidden) → (longest, n, directions · hidden)
        self._add("Transpose", [f"y.{layer}"], f"turned.{layer}", perm=[0, 2, 1, 3])
        self._add("Reshape", [f"turned.{layer}", self._integers("flat", [0, 0, -1])], f"x.{layer + 1}")
        self._by_text(f"x.{layer + 1}", f"hidden_states.{layer + 1}", shape.width)

    def _gates(self, layer: int) -> dict[str, NDArray[np.float32]]:
        """The matrices of a layer in the order of ONNX. Shapes: (directions, gates · hidden, ·)."""
        found: dict[str, list[NDArray[np.float32]]] = {"W": [], "R": [], "B": []}
        for end in ("", "_reverse") if self._shape.bidirectional else ("",):
            parts = {
                name: self._ordered(getattr(self._model.rnn, f"{name}_l{layer}{end}"))
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            }
            found["W"].append(parts["weight_ih"])
            found["R"].append(parts["weight_hh"])
            found["B"].append(np.concatenate([parts["bias_ih"], parts["bias_hh"]]))
        return {name: np.stack(each) for name, each in found.items()}

    def _ordered(self, weight: Tensor) -> NDArray[np.float32]:
        blocks = np.split(_array(weight), GATES[self._shape.cell])
        return np.concatenate([blocks[place] for place in ORDER[self._shape.cell]])

    def _known(self) -> None:
        """known (n, longest): 1 where a word is pooled; special numbers are below all others."""
        self._add("Less", ["ids", self._integers("ordinary", [self._shape.ordinary])], "is_special")
        self._add("Shape", ["ids"], "longest", start=1, end=2)
        self._add("Squeeze", ["longest"], "n_steps")
        self._add("Range", [self._integers("zero", 0), "n_steps", self._integers("one", 1)], "steps")
        self._add("Cast", ["lengths"], "wide_lengths", to=TensorProto.INT64)
        self._add("Unsqueeze", ["wide_lengths", self._integers("second", [1])], "ends")
        self._add("Less", ["steps", "ends"], "is_inside")
        self._add("Not", ["is_special"], "is_ordinary")
        self._add("And", ["is_inside", "is_ordinary"], "is_known")
        self._add("Cast", ["is_known"], "known", to=TensorProto.FLOAT)

    def _pooled(self, top: str) -> None:
        match self._shape.pooling:
            case "last":
                self._last_of_both()
            case "max":
                self._add("Unsqueeze", ["is_known", self._integers("third", [2])], "is_known_wide")
                self._add("Where", ["is_known_wide", top, self._number("lowest", LOWEST)], "candidates")
                axes = self._integers("second", [1])
                self._add("ReduceMax", ["candidates", axes], "largest", keepdims=0)
                self._add("ReduceMax", ["known", axes], "any_known", keepdims=1)
                self._add("Greater", ["any_known", self._number("none", 0.0)], "has_words")
                self._add("Where", ["has_words", "largest", self._number("none", 0.0)], "pooled")
            case pooling:
                self._mean_weights() if pooling == "mean" else self._attention_weights(top)
                self._out("weights", ["n", "longest"])
                self._add("Unsqueeze", ["weights", self._integers("second", [1])], "weights_row")
                self._add("MatMul", ["weights_row", top], "pooled_row")
                self._add("Squeeze", ["pooled_row", self._integers("second", [1])], "pooled")

    def _mean_weights(self) -> None:
        self._add("ReduceSum", ["known", self._integers("second", [1])], "n_known", keepdims=1)
        self._add("Max", ["n_known", self._number("least", 1.0)], "divisor")
        self._add("Div", ["known", "divisor"], "weights")

    def _attention_weights(self, top: str) -> None:
        axes = self._integers("second", [1])
        self._linear("scores", top, "scores", None)
        self._add("Squeeze", ["scores", self._integers("third", [2])], "flat_scores")
        self._add("Where", ["is_known", "flat_scores", self._number("lowest", LOWEST)], "known_scores")
        self._add("ReduceMax", ["known_scores", axes], "best", keepdims=1)
        self._add("Sub", ["known_scores", "best"], "below")
        self._add("Exp", ["below"], "risen")
        self._add("Mul", ["risen", "known"], "rising")
        self._add("ReduceSum", ["rising", axes], "risen_sum", keepdims=1)
        self._add("Max", ["risen_sum", self._number("tiny", 1e-30)], "divisor")
        self._add("Div", ["rising", "divisor"], "weights")

    def _last_of_both(self) -> None:
        """The final state of the last layer, both directions beside each other. Shape: (n, width)."""
        self._add("Transpose", [f"h.{self._shape.layers - 1}"], "ends_by_text", perm=[1, 0, 2])
        self._add("Reshape", ["ends_by_text", self._integers("row", [0, -1])], "pooled")

    def _linear(self, layer: str, of: str, to: str, axes: Sequence[str] | None) -> None:
        """What a layer of the model makes; where it has none, the same. axes: those between the text and
        what is made, None where it does not come out."""
        found = getattr(self._model, layer, None)
        n_out = self._shape.dims
        if found is None:
            self._add("Identity", [of], to)
        else:
            n_out = found.out_features
            turned = self._constant(f"{layer}.weight", np.ascontiguousarray(_array(found.weight).T))
            self._add("MatMul", [of, turned], f"{to}.product")
            self._add("Add", [f"{to}.product", self._weight(f"{layer}.bias", found.bias)], to)
        if axes is not None:
            self._out(to, ["n", *axes, n_out])

    def _by_text(self, of: str, to: str, width: int) -> None:
        self._add("Transpose", [of], to, perm=[1, 0, 2])
        self._out(to, ["n", "longest", width])

    def _state(self, name: str, part: slice) -> str:
        begin, end = self._integers(f"{name}.begin", [part.start]), self._integers(f"{name}.end", [part.stop])
        self._add("Slice", ["state", begin, end, self._integers("first", [0])], name)
        return name

    def _add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> None:
        self._nodes.append(helper.make_node(operator, inputs, [output], **attributes))

    def _out(self, name: str, shape: list[Any]) -> None:
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def _weight(self, name: str, weight: Tensor) -> str:
        return self._constant(name, _array(weight))

    def _number(self, name: str, value: float) -> str:
        return self._constant(name, np.array(value, np.float32))

    def _integers(self, name: str, value: int | list[int]) -> str:
        return self._constant(name, np.array(value, np.int64))

    def _constant(self, name: str, array: NDArray[Any]) -> str:
        self._constants[name] = array
        return name

    def _model_bytes(self) -> bytes:
        states = self._n_states * (2 if self._shape.cell == "lstm" else 1)
        inputs = [
            helper.make_tensor_value_info("ids", TensorProto.INT64, ["n", "longest"]),
            helper.make_tensor_value_info("lengths", TensorProto.INT32, ["n"]),
            helper.make_tensor_value_info("state", TensorProto.FLOAT, [states, "n", self._shape.hidden]),
        ]
        constants = [numpy_helper.from_array(each, name) for name, each in self._constants.items()]
        graph = helper.make_graph(self._nodes, "rnn", inputs, self._outputs, constants)
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
        onnx.checker.check_model(model, full_check=True)
        written: bytes = model.SerializeToString()
        return written


def _array(weight: Tensor) -> NDArray[np.float32]:
    return weight.detach().cpu().numpy().astype(np.float32)
