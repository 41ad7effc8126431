"""Smaller graphs: the backbone's weights in 16 bits, or its weights and what flows through it in 8.

Only the backbone changes: what stands before it (framing, views, normalisation) and behind it (head, aggregator, facts,
calibration) is small, and loses most by rounding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import numpy.typing as npt

from leukoscope.errors import SettingsError, nearest
from leukoscope.exporting.libraries import library, quietly

Precision = Literal["fp32", "bf16", "int8"]
PRECISIONS: tuple[str, ...] = get_args(Precision)
SCOPES = "pkg.torch.onnx.name_scopes"
"""Where PyTorch's exporter notes which module a node comes from."""
BACKBONE = "backbone."
WEIGHING = frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul"})
MATRIX = 2
TRANSFORMER = "LayerNormalization"

Feeds = Sequence[Mapping[str, npt.NDArray[Any]]]


def refuse_other_precision(precision: str) -> None:
    """Refuse a precision that there is not.

    Raises:
        SettingsError: it is none of fp32, bf16, int8.
    """
    if precision not in PRECISIONS:
        raise SettingsError(f"There is no precision {precision!r}.", do=nearest(precision, PRECISIONS))


def in_precision(model: Any, precision: str, feeds: Feeds) -> Any:  # noqa: ANN401 - onnx.ModelProto, both
    """Return an ONNX model in another precision.

    Args:
        model: The model in fp32; it may be changed.
        precision: ``fp32``, ``bf16`` or ``int8``.
        feeds: What the model is shown for ``int8``, to see how large values become.

    Raises:
        SettingsError: a library is missing.
    """
    if precision == "bf16":
        return _in_bf16(model)
    return _in_int8(model, feeds) if precision == "int8" else model


def _in_bf16(model: Any) -> Any:  # noqa: ANN401 - as above
    """Keep the backbone's weights as bfloat16, each with a cast behind it: half the bytes, the same operations."""
    onnx = library("onnx")
    bfloat16 = onnx.helper.tensor_dtype_to_np_dtype(onnx.TensorProto.BFLOAT16)
    stored = {one.name: one for one in model.graph.initializer}
    casts = []
    for name in _weights(model, stored):
        values = onnx.numpy_helper.to_array(stored[name]).astype(bfloat16)
        kept = f"{name}.bf16"
        stored[name].CopyFrom(onnx.numpy_helper.from_array(values, kept))
        casts.append(onnx.helper.make_node("Cast", [kept], [name], f"cast {name}", to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def _weights(model: Any, stored: Mapping[str, Any]) -> list[str]:  # noqa: ANN401 - as above
    """Return the names of the backbone's matrices and convolution kernels, each once."""
    floats = library("onnx").TensorProto.FLOAT
    found = [
        name
        for node in model.graph.node
        if node.op_type in WEIGHING and _of_backbone(node)
        for name in node.input
        if name in stored and stored[name].data_type == floats and len(stored[name].dims) >= MATRIX
    ]
    return list(dict.fromkeys(found))


def _in_int8(model: Any, feeds: Feeds) -> Any:  # noqa: ANN401 - as above
    """Quantise the backbone after training, by NNCF: 8 bits a weight, 8 bits a value, biases corrected."""
    _fold_casts(model)
    with quietly():
        nncf = library("nncf")
        others = [node.name for node in model.graph.node if not _of_backbone(node)]
        transforming = any(node.op_type == TRANSFORMER and _of_backbone(node) for node in model.graph.node)
        return nncf.quantize(
            model,
            nncf.Dataset([dict(feed) for feed in feeds]),
            subset_size=len(feeds),
            ignored_scope=nncf.IgnoredScope(names=others, validate=False),
            model_type=nncf.ModelType.TRANSFORMER if transforming else None,
        )


def _fold_casts(model: Any) -> None:  # noqa: ANN401 - as above
    """Put constants in the place of constants that are cast, which NNCF 3 stumbles over."""
    onnx, left = library("onnx"), []
    stored = {one.name: one for one in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type != "Cast" or node.input[0] not in stored:
            left.append(node)
            continue
        kind = next(onnx.helper.get_attribute_value(one) for one in node.attribute if one.name == "to")
        values = onnx.numpy_helper.to_array(stored[node.input[0]]).astype(onnx.helper.tensor_dtype_to_np_dtype(kind))
        folded = onnx.numpy_helper.from_array(values, node.output[0])
        model.graph.initializer.append(folded)
        stored[node.output[0]] = folded
    del model.graph.node[:]
    model.graph.node.extend(left)


def _of_backbone(node: Any) -> bool:  # noqa: ANN401 - an onnx.NodeProto
    return any(entry.key == SCOPES and BACKBONE in entry.value for entry in node.metadata_props)
