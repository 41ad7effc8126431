"""Each clause by which a graph is refused, alone; and a graph that sees other colours, at the real limits."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.errors import BundleError
from leukoscope.exporting import export_bundle, exporting
from leukoscope.exporting.answers import Answer
from leukoscope.exporting.parity import Parity, parity_of

TWO: Any = SimpleNamespace(classes=Classes(("hem", "all")), threshold=0.4)
SHARE = 0.7


def of(share: float) -> np.ndarray:
    """Return the probabilities of two pictures, of which one has this share."""
    return np.array([[1 - share, share], [0.9, 0.1]])


def held(
    *,
    own: float = SHARE,
    same: float | None = None,
    graph: float = SHARE,
    far: float = 0.8,
    graph_far: float | None = None,
    precision: str = "fp32",
) -> Parity:
    """Compare what is said of pictures.

    Args:
        own: A share by the bundle, where OpenCV frames the picture.
        same: By the bundle, of the pixels that the graph saw; as the graph where None.
        graph: By the graph.
        far: A distance by the bundle.
        graph_far: By the graph; as the bundle where None.
        precision: The graph's.
    """
    logits, distances = np.array([[0.8], [-2.0]]), np.array([far, 3.0])
    answer = Answer(of(graph if same is None else same), logits, distances)
    found = {
        "probabilities": of(graph),
        "logits": logits + 0.25,
        "distance": np.array([far if graph_far is None else graph_far, 3.0]),
    }
    return parity_of([answer], [Answer(of(own), logits, distances)], [found], TWO, precision)


@pytest.mark.parametrize(("said", "holds"), [
    ({}, True),
    ({"graph": 0.70009, "same": 0.7}, True),
    ({"graph": 0.70011, "same": 0.7}, False),
    ({"graph": 0.70011, "same": 0.7, "precision": "bf16"}, True),
    ({"graph": 0.719, "same": 0.7, "own": 0.7, "precision": "bf16"}, True),
    ({"graph": 0.7205, "same": 0.7, "own": 0.7, "precision": "bf16"}, False),
    ({"graph": 0.799, "same": 0.7, "own": 0.7, "precision": "int8"}, True),
    ({"graph": 0.8005, "same": 0.7, "own": 0.7, "precision": "int8"}, False),
    ({"graph": np.nan, "same": 0.7}, False),
], ids=str)  # fmt: skip
def test_a_probability_of_the_same_pixels_may_differ_by_a_little(said: dict[str, Any], holds: bool) -> None:
    found = held(**said)
    assert found.holds is holds
    # Nothing else refuses it.
    assert np.isnan(said.get("graph", 0)) or found.largest_difference_with_opencv <= found.limit + 1e-3
    assert (found.other_calls, found.other_flags) == (int(np.isnan(said.get("graph", 0))), 0)


@pytest.mark.parametrize(("graph", "precision", "holds"), [
    (0.70105, "fp32", True), (0.70115, "fp32", False), (0.7209, "bf16", True), (0.7211, "bf16", False),
])  # fmt: skip
def test_where_opencv_frames_the_picture_it_may_differ_by_somewhat_more(
    graph: float, precision: str, holds: bool
) -> None:
    found = held(graph=graph, precision=precision)
    assert found.holds is holds
    assert (found.largest_difference, found.other_calls, found.other_flags) == (0, 0, 0)
    assert found.largest_difference_with_opencv == pytest.approx(graph - SHARE)


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
def test_no_call_may_differ_however_near_the_probabilities_are(precision: str) -> None:
    near = held(own=0.40001, graph=0.40002, precision=precision)
    assert (near.holds, near.other_calls) == (True, 0)
    called = held(own=0.39999, graph=0.40001, precision=precision)
    assert (called.holds, called.other_calls, called.asked) == (False, 1, 2)
    assert called.largest_difference_with_opencv < 1e-4


@pytest.mark.parametrize(("far", "graph_far", "flags", "exact"), [
    (0.8, 0.807, 0, True), (0.8, 0.809, 0, False), (1.5, 1.48, 0, False), (0.999, 1.001, 1, False),
])  # fmt: skip
def test_distances_and_their_flags_count_in_fp32_alone(far: float, graph_far: float, flags: int, exact: bool) -> None:
    found = held(far=far, graph_far=graph_far)
    assert (found.holds, found.other_flags) == (exact, flags)
    assert found.largest_distance_difference == pytest.approx(abs(graph_far - far) / far)
    assert held(far=far, graph_far=graph_far, precision="bf16").holds


def test_another_number_of_answers_is_as_far_off_as_can_be() -> None:
    answer = Answer(of(SHARE))
    found = parity_of([answer], [answer], [{"probabilities": of(SHARE)[:, :1].repeat(3, axis=1)}], TWO, "fp32")
    assert (found.largest_difference, found.holds) == (np.inf, False)


def test_what_there_is_not_is_not_compared() -> None:
    assert held().largest_logit_difference == pytest.approx(0.25)
    answer = Answer(of(SHARE))
    found = parity_of([answer], [answer], [{"probabilities": of(SHARE), "logits": np.ones((2, 1))}], TWO, "fp32")
    assert (found.largest_logit_difference, found.largest_distance_difference, found.holds) == (None, None, True)


def with_blue_for_red(model: Any) -> Any:
    """Return a graph that takes pictures for blue, green, red."""
    for node in model.graph.node:
        node.input[:] = ["swapped" if name == "pictures" else name for name in node.input]
    places = onnx.numpy_helper.from_array(np.array([2, 1, 0]), "places")
    model.graph.initializer.append(places)
    model.graph.node.insert(0, onnx.helper.make_node("Gather", ["pictures", "places"], ["swapped"], axis=3))
    return model


def test_a_graph_that_sees_other_colours_is_refused_and_nothing_is_written(
    of_cells: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle, exported = of_cells
    model = with_blue_for_red(onnx.load(exported.folder / "model.onnx"))
    monkeypatch.setattr(exporting, "traced", lambda *_: model)
    earlier = shutil.copytree(exported.folder, tmp_path / "out")
    before = {path.name: path.read_bytes() for path in earlier.iterdir()}
    with pytest.raises(BundleError) as refused:
        export_bundle(bundle, earlier)
    number = r"(\d[\d.e-]*)"
    message = (
        rf"In ONNX Runtime the graph in fp32 does not say what the bundle says of its self-test: a probability differs "
        rf"by {number} \(0\.0001 is let pass\), by {number} where OpenCV frames the pictures, {number} pictures? of 25 "
        rf"called otherwise; a distance differs by {number} of it, {number} flags do\. Nothing was written\.\n"
        rf"  where: {re.escape(str(bundle.folder))}\n"
        r"  what to do: Use the bundle with leukoscope predict\."
    )
    found = re.fullmatch(message, str(refused.value))
    assert found is not None, str(refused.value)
    same, opencv, *_ = map(float, found.groups())
    assert min(same, opencv) > 0.01
    assert {path.name: path.read_bytes() for path in earlier.iterdir()} == before
