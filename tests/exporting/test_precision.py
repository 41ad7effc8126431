from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from leukoscope.bundles.opening import open_bundle
from leukoscope.errors import BundleError, SettingsError
from leukoscope.exporting import export_bundle, exporting, parity
from leukoscope.exporting.answers import answer_of
from leukoscope.exporting.cells import graph_of_cells
from leukoscope.exporting.description import about
from leukoscope.exporting.precision import refuse_other_precision
from leukoscope.exporting.runtimes import KINDS
from leukoscope.exporting.tracing import traced
from leukoscope.exporting.trials import Trial
from leukoscope.files import read_json

BOTH = ["onnx", "openvino"]


@pytest.fixture(scope="module")
def once(maker: Any) -> tuple[Any, bytes]:
    """A bundle and its graph, made once for all precisions."""
    bundle = open_bundle(maker.cells(names=("a", "b", "c")))
    return bundle, traced(graph_of_cells(bundle), about(bundle)).SerializeToString()


@pytest.fixture
def bundle(once: tuple[Any, bytes], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(exporting, "traced", lambda *_: onnx.load_model_from_string(once[1]))
    # Untrained heads of large weights make much of little: what is tested here is that it is measured.
    monkeypatch.setitem(parity.LIMITS, "int8", 0.5)
    monkeypatch.setitem(parity.LIMITS, "bf16", 0.1)
    return once[0]


def test_half_the_bytes_a_weight_nearly_the_same_answers(once: Any, bundle: Any, tmp_path: Path) -> None:
    made = export_bundle(bundle, tmp_path / "bf16", to=BOTH, precision="bf16")
    for name in ("model.onnx", "model.bin"):
        assert (made.folder / name).stat().st_size < 0.75 * len(once[1])
    found = [graph["parity"]["largest_difference"] for graph in made.record["graphs"]]
    assert all(1e-6 < difference < 0.1 for difference in found)
    assert [graph["hints"] for graph in made.record["graphs"]] == [{}, {"INFERENCE_PRECISION_HINT": "bf16"}]
    pictures = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 3), dtype=np.uint8)
    for kind in BOTH:
        found = KINDS[kind].open(made.folder, 1, "bf16").ask({"pictures": pictures})
        np.testing.assert_allclose(found["probabilities"], answer_of(bundle, Trial(pictures)).probabilities, atol=0.1)


def test_quantised_on_the_training_cells_that_the_bundle_keeps(bundle: Any, knowing: Any, tmp_path: Path) -> None:
    made = export_bundle(knowing(bundle), tmp_path / "int8", to=BOTH, precision="int8")
    assert made.record["quantised_on"] == (
        "1 training cell that the bundle keeps; 'parity_on_training_cells' is of others that it keeps."
    )
    assert [graph["parity_on_training_cells"]["asked"] for graph in made.record["graphs"]] == [1, 1]
    assert [one["name"] for one in made.record["outputs"]] == ["probabilities", "logits"]
    assert made.record["out_of_distribution"] is None
    assert {graph["parity"]["largest_distance_difference"] for graph in made.record["graphs"]} == {None}
    model = onnx.load(made.folder / "model.onnx")
    assert sum(node.op_type == "QuantizeLinear" for node in model.graph.node) > 3
    assert read_json(made.folder / "export.json")["precision"] == "int8"
    assert all(graph["parity"]["largest_difference"] < 0.5 for graph in made.record["graphs"])


def test_a_graph_that_is_too_far_off_is_refused_with_the_figures(
    bundle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(parity.LIMITS, "bf16", 1e-9)
    figures = r"differs by 0\.\d+ \(1e-09 is let pass\), by 0\.\d+ where OpenCV frames .*, \d+ pictures? of 25 called"
    with pytest.raises(BundleError, match=figures) as said:
        export_bundle(bundle, tmp_path / "bf16", precision="bf16")
    assert said.value.do == "Export it with --precision fp32."
    assert list(tmp_path.iterdir()) == []


def test_a_precision_that_there_is_not() -> None:
    with pytest.raises(SettingsError) as refused:
        refuse_other_precision("int4")
    assert (
        str(refused.value)
        == "There is no precision 'int4'.\n  what to do: Did you mean 'int8'? Known: bf16, fp32, int8."
    )


def test_no_model_of_several_tells_distances_where_they_are_taken_away(maker: Any, knowing: Any) -> None:
    both = open_bundle(maker.several())
    both = replace(both, members=tuple(knowing(one) for one in both.members))
    assert [one.name for one in graph_of_cells(both).outputs] == ["probabilities", "logits", "distances"]
    graph = graph_of_cells(exporting.without_distances(both))
    assert [one.name for one in graph.outputs] == ["probabilities", "logits"]
    assert all(one.reference is not None for one in both.models)
