"""Writes small graphs in ONNX: messages of protocol buffers, as far as these need them.

Source: onnx.proto of the ONNX project; the numbers are those of its fields."""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

FLOAT, INT64 = 1, 7
OPSET = 17

Value = int | float | str | list[int]
Node = tuple[str, Sequence[str], Sequence[str], Mapping[str, Value]]
"""Operator, inputs, outputs, attributes."""


def model(
    nodes: Sequence[Node],
    weights: Mapping[str, NDArray[Any]],
    inputs: Sequence[str],
    outputs: Mapping[str, Sequence[str | int]],
) -> bytes:
    """A model. inputs: names of whole numbers (n, length); outputs: shapes of floats by name."""
    graph = b"".join(
        [
            *(_field(1, _node(*each)) for each in nodes),
            _field(2, b"tiny"),
            *(_field(5, _tensor(name, each)) for name, each in weights.items()),
            *(_field(11, _info(name, INT64, ("n", "length"))) for name in inputs),
            *(_field(12, _info(name, FLOAT, shape)) for name, shape in outputs.items()),
        ]
    )
    return _number(1, 8) + _field(7, graph) + _field(8, _field(1, b"") + _number(2, OPSET))


def _node(
    operator: str, inputs: Sequence[str], outputs: Sequence[str], attributes: Mapping[str, Value]
) -> bytes:
    return b"".join(
        [
            *(_field(1, each.encode()) for each in inputs),
            *(_field(2, each.encode()) for each in outputs),
            _field(4, operator.encode()),
            *(_field(5, _attribute(name, each)) for name, each in attributes.items()),
        ]
    )


def _attribute(name: str, value: Value) -> bytes:
    head = _field(1, name.encode())
    match value:
        case int():
            return head + _number(3, value) + _number(20, 2)
        case float():
            return head + _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, 1)
        case str():
            return head + _field(4, value.encode()) + _number(20, 3)
        case _:
            return head + b"".join(_number(8, each) for each in value) + _number(20, 7)


def _tensor(name: str, values: NDArray[Any]) -> bytes:
    kind = INT64 if values.dtype == np.int64 else FLOAT
    dims = b"".join(_number(1, each) for each in values.shape)
    return dims + _number(2, kind) + _field(8, name.encode()) + _field(9, values.tobytes())


def _info(name: str, kind: int, shape: Sequence[str | int]) -> bytes:
    dims = (_number(1, each) if isinstance(each, int) else _field(2, each.encode()) for each in shape)
    tensor = _number(1, kind) + _field(2, b"".join(_field(1, each) for each in dims))
    return _field(1, name.encode()) + _field(2, _field(1, tensor))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _field(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
