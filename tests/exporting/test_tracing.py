from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from leukoscope.errors import SettingsError
from leukoscope.exporting import libraries, tracing
from leukoscope.exporting.bags import OneBag
from leukoscope.exporting.graph import Graph, Input, Output
from leukoscope.exporting.runtimes import OnnxSession
from leukoscope.exporting.substitutes import SUBSTITUTES
from leukoscope.exporting.tracing import traced
from leukoscope.models.aggregators import AGGREGATORS, make_aggregator
from leukoscope.models.bags import Bags

FEATURES = 12


class All(nn.Module):
    """Every aggregator over the same bag, side by side in one graph."""

    def __init__(self) -> None:
        super().__init__()
        self.each = nn.ModuleList(make_aggregator(name, FEATURES, 1, seed=0).eval() for name in sorted(AGGREGATORS))
        for one in self.each:
            one.__class__ = SUBSTITUTES.get(type(one), type(one))

    def forward(self, features: Tensor) -> tuple[Tensor, ...]:
        bag = OneBag(features.shape[0])
        return tuple(one(features[:, :1], bag, one.project(features)) for one in self.each)


def test_each_aggregator_takes_bags_of_any_size_in_one_graph(tmp_path: Any) -> None:
    outputs = tuple(Output(f"of_{name}", (1, 1), "") for name in sorted(AGGREGATORS))
    graph = Graph(All(), (Input("features", "float32", ("n", FEATURES), ""),), outputs, framing_inside=False)
    (tmp_path / "all.onnx").write_bytes(traced(graph, {}).SerializeToString())
    session = OnnxSession(tmp_path / "all.onnx", 1)
    for cells in (1, 2, 9, 10, 11, 100, 1000):
        values = torch.randn(cells, FEATURES, generator=torch.Generator().manual_seed(cells))
        found = session.ask({"features": values.numpy()})
        for name in AGGREGATORS:
            own = make_aggregator(name, FEATURES, 1, seed=0).eval()
            with torch.inference_mode():
                said = own(values[:, :1], Bags(torch.tensor([cells])), own.project(values))
            np.testing.assert_allclose(found[f"of_{name}"], said, rtol=1e-5, atol=2e-5, err_msg=f"{name} of {cells}")


class Sum(nn.Module):
    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        return (given[0] + given[1].sum(dim=1, keepdim=True),)


def sums() -> Graph:
    """A graph of two inputs of one length, which its module takes as any number."""
    inputs = Input("one", "float32", ("n", 2), ""), Input("other", "float32", ("n", 3), "")
    return Graph(Sum(), inputs, (Output("sum", ("n", 2), ""),), framing_inside=False)


def test_several_inputs_of_a_length_that_may_be_any(tmp_path: Any) -> None:
    (tmp_path / "sum.onnx").write_bytes(traced(sums(), {}).SerializeToString())
    session = OnnxSession(tmp_path / "sum.onnx", 1)
    for rows in (1, 4):
        feed = {"one": np.ones((rows, 2), np.float32), "other": np.full((rows, 3), 2, np.float32)}
        assert session.ask(feed)["sum"].tolist() == [[7.0, 7.0]] * rows


def test_weights_that_no_file_can_hold_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "LARGEST", 100)
    large = Graph(nn.Linear(5, 5), (Input("features", "float32", ("n", 5), ""),), (), framing_inside=False)
    with pytest.raises(SettingsError) as refused:
        traced(large, {})
    assert str(refused.value) == (
        "The weights are larger than the 2 GiB that one ONNX file can hold.\n"
        "  what to do: Use the bundle with leukoscope predict."
    )


class Impossible(nn.Module):
    def forward(self, features: Tensor) -> tuple[Tensor, ...]:
        return (features if bool(features.sum() > 0) else -features,)


def test_what_cannot_be_followed_is_refused_in_plain_words() -> None:
    inputs, outputs = (Input("features", "float32", ("n", 2), ""),), (Output("said", ("n", 2), ""),)
    with pytest.raises(SettingsError, match=r"^PyTorch cannot make a graph of a part of this network: ") as refused:
        traced(Graph(Impossible(), inputs, outputs, framing_inside=False), {})
    assert refused.value.do == "Use the bundle with leukoscope predict."


def test_a_missing_library_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(SettingsError) as refused:
        libraries.library("onnxruntime")
    assert str(refused.value) == 'ONNX Runtime is not installed.\n  what to do: pip install "leukoscope[export]"'


def test_examples_have_another_length_for_each_name() -> None:
    inputs = (Input("pictures", "uint8", ("n", "h", "w", 3), ""), Input("measures", "float32", ("n", 2), ""))
    pictures, measures = Graph(nn.Identity(), inputs, (), framing_inside=True).examples()
    assert (tuple(pictures.shape), pictures.dtype) == ((3, 5, 7, 3), torch.uint8)
    assert tuple(measures.shape) == (3, 2)
