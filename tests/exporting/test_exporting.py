from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import polars as pl
import pytest

from leukoscope.bundles.seals import refuse_broken_seals
from leukoscope.errors import SettingsError
from leukoscope.exporting import export_bundle, exporting
from leukoscope.exporting.answers import answer_of
from leukoscope.exporting.runtimes import KINDS
from leukoscope.exporting.trials import Trial
from leukoscope.files import read_json, sha256
from leukoscope.inference import predict, predict_patients

BOTH = ["onnx", "openvino"]
DRAW = np.random.default_rng(0)


@pytest.mark.parametrize("kind", BOTH)
def test_cells_of_any_number_and_size_are_told_what_the_bundle_says(of_cells: Any, kind: str) -> None:
    bundle, exported = of_cells
    session = KINDS[kind].open(exported.folder, 1, "fp32")
    for shape in [(1, 48, 48, 3), (2, 31, 80, 3), (7, 60, 33, 3)]:
        pictures = DRAW.integers(0, 256, shape, dtype=np.uint8)
        said, found = answer_of(bundle, Trial(pictures)), session.ask({"pictures": pictures})
        assert sorted(found) == ["distance", "features", "logits", "probabilities"]
        np.testing.assert_allclose(found["probabilities"], said.probabilities, atol=2e-5)
        np.testing.assert_allclose(found["logits"], said.logits, atol=2e-4)
        np.testing.assert_allclose(found["distance"], said.distances, rtol=1e-2)


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("cells", [1, 2, 100])
def test_no_number_of_cells_is_baked_in(of_patients: Any, kind: str, cells: int) -> None:
    bundle, exported = of_patients
    session = KINDS[kind].open(exported.folder, 1, "fp32")
    pictures = DRAW.integers(0, 256, (cells, 40, 36, 3), dtype=np.uint8)
    raw = np.array([[71, np.nan, 1]], dtype=np.float32)
    found = session.ask({"pictures": pictures, "facts": raw})
    said = answer_of(bundle, Trial(pictures, {"age": 71.0, "count": None, "sex": "M"}))
    np.testing.assert_allclose(found["probabilities"], said.probabilities, atol=1e-5)
    np.testing.assert_allclose(found["logits"], said.logits, atol=1e-4)
    assert found["evidence"].shape == (cells,)


def test_several_models_are_one_graph(of_several: Any) -> None:
    bundle, exported = of_several
    session = KINDS["onnx"].open(exported.folder, 1, "fp32")
    for number in (1, 9):
        pictures = DRAW.integers(0, 256, (number, 52, 48, 3), dtype=np.uint8)
        found = session.ask({"pictures": pictures})
        np.testing.assert_allclose(found["probabilities"], answer_of(bundle, Trial(pictures)).probabilities, atol=2e-5)


def drawn_pictures(folder: Path, number: int) -> np.ndarray:
    """Write pictures as files, and return them."""
    pictures = DRAW.integers(0, 256, (number, 50, 40, 3), dtype=np.uint8)
    folder.mkdir()
    for place, picture in enumerate(pictures):
        cv2.imwrite(str(folder / f"{place}.png"), picture[:, :, ::-1])
    return pictures


@pytest.mark.filterwarnings("ignore::leukoscope.errors.LeukoscopeWarning")
@pytest.mark.parametrize("kind", ["of_cells", "of_several"])
def test_the_graph_says_what_predict_says(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    bundle, exported = request.getfixturevalue(kind)
    pictures = drawn_pictures(tmp_path / "cells", 5)
    said = predict(bundle, tmp_path / "cells")
    found = KINDS["onnx"].open(exported.folder, 1, "fp32").ask({"pictures": pictures})
    np.testing.assert_allclose(found["probabilities"], said.probabilities(), atol=2e-5)
    if kind == "of_cells":
        np.testing.assert_allclose(found["distance"], said.table["distance"], rtol=1e-2)
    reached = found["probabilities"][:, 1] >= exported.record["threshold"]
    assert np.where(reached, "all", "hem").tolist() == said.table["called"].to_list()


@pytest.mark.filterwarnings("ignore::leukoscope.errors.LeukoscopeWarning")
def test_the_graph_says_what_predict_says_of_patients(of_patients: Any, tmp_path: Path) -> None:
    bundle, exported = of_patients
    pictures = {name: drawn_pictures(tmp_path / name, cells) for name, cells in (("P", 1), ("Q", 4))}
    facts = pl.DataFrame({"patient": ["P", "Q"], "age": [71.0, None], "count": [4.0, 12.5], "sex": ["M", "F"]})
    said = predict_patients(bundle, tmp_path, facts=facts)
    session = KINDS["onnx"].open(exported.folder, 1, "fp32")
    raw = {"P": [71, 4, 1], "Q": [np.nan, 12.5, 0]}
    found = [
        session.ask({"pictures": pictures[name], "facts": np.array([raw[name]], dtype=np.float32)})["probabilities"]
        for name in said.table["patient"]
    ]
    np.testing.assert_allclose(np.concatenate(found), said.probabilities(), atol=2e-5)


def test_the_record_says_all_that_a_client_must_know(of_cells: Any) -> None:
    bundle, exported = of_cells
    record = read_json(exported.folder / "export.json")
    assert {name: value for name, value in record.items() if name != "seals"} == exported.record
    refuse_broken_seals(record, "export.json")
    assert record["classes"]["names"] == ["hem", "all"]
    assert (record["threshold"], record["calibrated"], record["leakage"]) == (0.4, "platt", "twins on both sides")
    assert record["calls"] == "all is called where its probability is at least the threshold, else hem."
    assert record["use"].startswith("For research use only.")
    assert record["inputs"] == [
        {
            "name": "pictures",
            "type": "uint8",
            "shape": ["n", "h", "w", 3],
            "meaning": "Pictures of one cell each, red, green, blue, 0 to 255: as they are, of one size.",
        }
    ]
    assert record["framing"] == {"inside": True, "by_client": []}
    assert record["views"] == 3 * 2
    (model,) = record["models"]
    assert (model["name"], model["framing"]) == ("net3", [{"center_crop": 48}, {"resize": 32}])
    assert (model["test_time"]["rotations"], model["test_time"]["mean"]) == (3, "probabilities")
    assert record["bundle"] == {"sha256": sha256(bundle.folder / "bundle.json")}
    assert sorted(path.name for path in exported.folder.iterdir()) == [
        "export.json", "model.bin", "model.onnx", "model.xml",
    ]  # fmt: skip
    for graph in record["graphs"]:
        for name, file in graph["files"].items():
            path = exported.folder / name
            assert file == {"bytes": path.stat().st_size, "sha256": sha256(path)}
        assert graph["parity"]["asked"] == 25
        assert graph["parity"]["largest_difference"] < 1e-4
        assert graph["parity"]["other_calls"] == 0
        assert graph["parity_on_training_cells"]["asked"] == 1


def test_what_is_said_of_it_is_short(of_patients: Any) -> None:
    _, exported = of_patients
    first, onnx, openvino, last = str(exported).splitlines()
    assert first == f"'sick' exported in fp32: {exported.folder}"
    assert onnx.startswith("  ONNX Runtime: model.onnx, 0.")
    assert "; 7 answers as PyTorch's, to within " in onnx
    assert openvino.startswith("  OpenVINO: model.xml, model.bin, 0.")
    assert last.startswith("  For research use only.")


def test_facts_and_their_words_are_listed(of_patients: Any) -> None:
    assert of_patients[1].record["facts"] == [
        {"name": "age", "low": 20.0, "high": 90.0, "above_0": False},
        {"name": "count", "low": 4.5, "high": 90.0, "above_0": True},
        {"name": "sex", "words": ["F", "M"]},
    ]


def test_the_file_itself_says_what_it_is_and_nothing_of_this_machine(of_cells: Any) -> None:
    content = (of_cells[1].folder / "model.onnx").read_bytes()
    told = {entry.key: entry.value for entry in onnx.load_model_from_string(content).metadata_props}
    assert told["leukoscope.use"].startswith("For research use only.")
    assert told["leukoscope.leakage"] == "twins on both sides"
    assert (told["leukoscope.threshold"], told["leukoscope.positive"]) == ("0.4", "all")
    folder = str(Path(exporting.__file__).parents[2]).encode()
    for name in ("model.onnx", "model.xml", "export.json"):
        content = (of_cells[1].folder / name).read_bytes()
        assert folder not in content
        assert b"site-packages" not in content


@pytest.mark.parametrize(("to", "message"), [
    ("tensorrt", "Nothing is exported to 'tensorrt'.\n  what to do: Known: onnx, openvino."),
    (["onnx", "tensorrt"], "Nothing is exported to 'tensorrt'.\n  what to do: Known: onnx, openvino."),
    ([], "No kind of files to export to is named.\n  what to do: Known: onnx, openvino."),
])  # fmt: skip
def test_other_kinds_of_files_are_refused(to: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        export_bundle(tmp_path, tmp_path / "out", to=to)
    assert str(refused.value) == message


def test_other_precisions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        export_bundle(tmp_path, tmp_path / "out", precision="fp8")
    assert str(refused.value) == "There is no precision 'fp8'.\n  what to do: Known: bf16, fp32, int8."


@pytest.mark.parametrize("beside", [[], ["export.json", "model.onnx"]], ids=["alone", "beside an export"])
def test_what_is_not_of_an_export_is_left_alone(beside: list[str], tmp_path: Path) -> None:
    for name in (*beside, "mine.txt", "my.npy"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        export_bundle(tmp_path / "bundle", tmp_path)
    assert str(refused.value) == (
        "This folder holds something else than an export.\n"
        f"  where: {tmp_path / 'mine.txt'} (and 1 more)\n"
        "  what to do: Name another."
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*beside, "mine.txt", "my.npy"])


def test_a_file_is_no_folder_and_a_graph_alone_no_export(tmp_path: Path) -> None:
    for path in (tmp_path / "file", tmp_path / "folder" / "model.onnx"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("x", encoding="utf-8")
        out = path if path.name == "file" else path.parent
        with pytest.raises(SettingsError, match=r"^This folder holds something else than an export\.") as refused:
            export_bundle(tmp_path / "bundle", out)
        assert refused.value.where == str(path)


@pytest.mark.parametrize(("missing", "asked"), [
    ("OpenVINO", {"to": ["onnx", "openvino"]}), ("ONNX Script", {}), ("NNCF", {"precision": "int8"}),
])  # fmt: skip
def test_what_is_not_installed_is_asked_for_before_anything_is_done(
    missing: str, asked: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = missing.lower().replace(" ", "")
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SettingsError) as refused:
        export_bundle(tmp_path / "bundle", tmp_path / "out", **asked)
    assert str(refused.value) == f'{missing} is not installed.\n  what to do: pip install "leukoscope[export]"'
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_export_is_replaced(of_several: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle, exported = of_several
    model = onnx.load(exported.folder / "model.onnx")
    monkeypatch.setattr(exporting, "traced", lambda *_: model)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "export.json").write_text(json.dumps({}), encoding="utf-8")
    (tmp_path / "out" / "model.xml").write_text("old", encoding="utf-8")
    again = export_bundle(bundle, tmp_path / "out")
    assert sorted(path.name for path in again.folder.iterdir()) == ["export.json", "model.onnx"]
