"""From a module to an ONNX model, by PyTorch's own exporter."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import torch

from leukoscope.errors import SettingsError
from leukoscope.exporting.graph import Graph
from leukoscope.exporting.libraries import library, quietly

PREFIX = "leukoscope."
LARGEST = 2**31 - 2**20
"""Bytes of weights that one ONNX file can hold: 2 GiB, less what else stands in it."""


def traced(graph: Graph, about: Mapping[str, str]) -> Any:  # noqa: ANN401 - an onnx.ModelProto
    """Return a graph as an ONNX model.

    The exporter follows shapes as symbols (``torch.export``): lengths that may be any stay so, from 1 on. The older
    one follows one example, and bakes the example's lengths in.

    Args:
        graph: The graph.
        about: What the model says of itself, by name: text that stays with the file wherever it goes.

    Raises:
        SettingsError: a library is missing, the weights do not fit into one file, or PyTorch cannot make a graph of a
            part of the network.
    """
    _refuse_large(graph)
    for name in ("onnx", "onnxscript"):
        library(name)
    lengths = {
        side: torch.export.Dim(side, min=1) for one in graph.inputs for side in one.shape if isinstance(side, str)
    }
    dynamic: tuple[Any, ...] = tuple(
        {axis: lengths[side] for axis, side in enumerate(one.shape) if isinstance(side, str)} for one in graph.inputs
    )
    taken = inspect.signature(graph.module.forward).parameters.values()
    if any(one.kind is inspect.Parameter.VAR_POSITIONAL for one in taken):
        dynamic = (dynamic,)
    try:
        with quietly():
            program = torch.onnx.export(
                graph.module.eval(),
                graph.examples(),
                dynamo=True,
                dynamic_shapes=dynamic,
                input_names=[one.name for one in graph.inputs],
                output_names=[one.name for one in graph.outputs],
                external_data=False,
                verbose=False,
            )
    except torch.onnx.OnnxExporterError as error:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        raise SettingsError(
            f"PyTorch cannot make a graph of a part of this network: {reason}",
            do="Use the bundle with leukoscope predict.",
        ) from error
    assert program is not None, "the exporter of torch.export returns a program"
    model: Any = program.model_proto
    for name, text in about.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = f"{PREFIX}{name}", text
    return model


def _refuse_large(graph: Graph) -> None:
    tensors = (*graph.module.parameters(), *graph.module.buffers())
    if sum(one.numel() * one.element_size() for one in tensors) > LARGEST:
        raise SettingsError(
            "The weights are larger than the 2 GiB that one ONNX file can hold.",
            do="Use the bundle with leukoscope predict.",
        )


def without_traces(model: Any) -> None:  # noqa: ANN401 - as above
    """Take what the exporter noted of its own machine, paths of files among it, out of an ONNX model, in place."""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        del value.metadata_props[:]
        value.doc_string = ""
    del model.graph.metadata_props[:]
    del model.graph.value_info[:]
