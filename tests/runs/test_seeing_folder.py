"""What networks see, from trained runs to the page; and a shortcut that the share on the cell gives away."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import polars as pl
import pytest
import torch

from leukoscope.api import explain, read_cohort, train
from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.card import BundleCard
from leukoscope.cli.main import main
from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError
from leukoscope.explanation.seeing import METHODS, cell_mask
from leukoscope.explanation.seeing.methods import Method
from leukoscope.files import read_json, read_table, write_json
from leukoscope.models.building import build_model
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import ModelSettings
from leukoscope.reports.seeing_page import seeing_context
from leukoscope.runs.run import Run
from leukoscope.runs.seeing_maps import methods_table, see, share_words
from leukoscope.runs.seeing_models import SeenCells, SeenModel, open_models, see_cells

SETTINGS = (
    "drawn.patients=12", "drawn.cells=5", "drawn.size=32", "framing=[{resize: 32}]", "augmentation=[]",
    "model={backbone: test_resnet, cut: layer2}", "stages=[{epochs: 1, batch: 16, train: all, rates: 1e-3}]",
)  # fmt: skip
QUICK = ["grad_cam", "occlusion"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    folder = tmp_path_factory.mktemp("runs")
    first = train("drawn", out=folder / "first", changes=SETTINGS)
    cohort = read_cohort(first.folder / "data", "drawn")
    second = train("drawn", cohort, out=folder / "second", changes=[*SETTINGS, "framing=[{resize: 48}]"], seed=1)
    return [first, second]


def test_several_models_stand_side_by_side(runs: list[Run], tmp_path: Path) -> None:
    page = explain(runs, out=tmp_path / "seen", number=3, command="leukoscope explain")
    place = page.parent
    assert {path.name for path in place.iterdir()} - {".lock"} == {
        "maps.csv", "maps.npz", "methods.csv", "seeing.html", "seeing.json", "sheets",
    }  # fmt: skip
    maps, methods = read_table(place / "maps.csv"), read_table(place / "methods.csv")
    assert maps.height == 3 * 2 * len(METHODS)
    assert methods.select("model", "method").rows() == [(run, name) for run in ("first", "second") for name in METHODS]
    with np.load(place / "maps.npz") as arrays:
        assert sorted(arrays.files) == sorted(maps["map"])
        for row in maps.iter_rows(named=True):
            found = arrays[row["map"]]
            assert (found.dtype, found.shape) == (np.float32, (row["height"], row["width"]))
            assert (found.min(), found.max()) == (pytest.approx(row["lowest"]), pytest.approx(row["highest"]))
    assert set(maps.filter(method="occlusion").select("model", "height").rows()) == {("first", 32), ("second", 48)}
    assert maps["share"].drop_nulls().is_between(0, 1).all()
    assert set(maps.filter(model="first")["part"]) == {"test"}
    said = runs[0].predictions("test").table.select("id", own="logit")
    pairs = maps.filter(model="first").join(said, left_on="cell", right_on="id")
    assert pairs.height == 3 * len(METHODS)
    assert (pairs["logit"].abs() - pairs["own"].abs()).abs().max() < 1e-3  # type: ignore[operator]
    positive = pairs["class"] == runs[0].cohort.classes.positive
    assert ((pairs["logit"] * pairs["own"] >= 0) == positive).all()
    names = {path.name for path in (place / "sheets").iterdir()}
    assert names == {f"{name}.png" for name in METHODS} | {"activations_0_0.png", "activations_1_0.png"}
    text = page.read_text(encoding="utf-8")
    assert "Research use only; not a medical device" in text
    assert "What first, second see" in text
    assert "Leakage:" not in text
    assert seeing_context(place)["cells"] == "3 cells"


def test_named_cells_classes_layers_and_methods(runs: list[Run], tmp_path: Path) -> None:
    ids = runs[0].cohort.cells["id"][:2].to_list()
    classes = list(runs[0].cohort.classes.names)
    settings: dict[str, Any] = {"cells": ids, "methods": QUICK, "layer": "layer1", "classes": classes}
    page = explain(runs[0], out=tmp_path / "seen", activations=["layer1.0", "layer2"], **settings)
    maps = read_table(page.parent / "maps.csv")
    assert maps.height == 2 * 2 * 2
    assert maps["why"].unique().to_list() == ["named"]
    assert maps.filter(method="grad_cam")["layer"].unique().to_list() == ["layer1"]
    logits = maps.filter(method="occlusion").pivot("class", index="cell", values="logit")
    np.testing.assert_allclose(logits[classes[0]], -logits[classes[1]].to_numpy())
    assert {path.name for path in (page.parent / "sheets").iterdir()} == {
        "maps.png", "activations_0_0.png", "activations_0_1.png",
    }  # fmt: skip
    again = explain(runs[0], out=tmp_path / "seen", number=1, methods=["grad_cam"])
    assert read_table(again.parent / "maps.csv").height == 1
    assert {path.name for path in (again.parent / "sheets").iterdir()} == {"maps.png", "activations_0_0.png"}


def message(call: Callable[[], object]) -> str:
    with pytest.raises((SettingsError, DataError)) as caught:
        call()
    return str(caught.value)


def test_what_cannot_be_explained_is_said_before_anything_is_written(runs: list[Run], tmp_path: Path) -> None:
    out, own = tmp_path / "seen", runs[0].folder
    assert message(lambda: explain([], out=out)) == (
        "There is no run to explain.\n  what to do: Name the --out of an earlier train."
    )
    assert message(lambda: explain([own, own], out=out)) == (
        f"A run is named twice.\n  where: {own.resolve()}\n  what to do: Name each once."
    )
    assert message(lambda: explain(own, out=out, cells=["nobody"])).startswith(
        "The cohort has no cell 'nobody'.\n  where: cells\n  what to do: "
    )
    assert "There is no method 'cam'." in message(lambda: explain(own, out=out, methods=["cam"]))
    assert "There is no class 'xyz'." in message(lambda: explain(own, out=out, classes=["xyz"]))
    assert "has no layer 'layer9'" in message(lambda: explain(own, out=out, layer="layer9", number=1))
    assert not out.exists()
    assert message(lambda: explain(own, out=own)) == (
        f"This folder is not empty, and holds something else than class maps.\n  where: {own}\n"
        "  what to do: Name another --out."
    )


def test_a_writing_that_was_stopped_does_not_bar_the_folder(
    runs: list[Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("leukoscope.runs.seeing_folder.write_map_sheets", stop)
    with pytest.raises(KeyboardInterrupt):
        explain(runs[0].folder, out=tmp_path / "seen", number=1, methods=["grad_cam"])
    assert {"maps.csv", "methods.csv"} <= {path.name for path in (tmp_path / "seen").iterdir()}
    monkeypatch.undo()
    assert explain(runs[0].folder, out=tmp_path / "seen", number=1, methods=["grad_cam"]).is_file()


def test_a_leaking_run_is_marked_in_red(runs: list[Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "leaking"
    shutil.copytree(runs[0].folder, copy)
    own = BundleCard.from_json
    monkeypatch.setattr(
        "leukoscope.bundles.loading.BundleCard.from_json",
        lambda fields: own({**fields, "leakage": "as the paper did it."}),
    )
    page = explain(copy, out=tmp_path / "seen", number=1, methods=["grad_cam"])
    text = page.read_text(encoding="utf-8")
    assert "<strong>Leakage:</strong> as the paper did it." in text
    assert read_table(page.parent / "maps.csv")["leakage"].to_list() == ["as the paper did it."]


def test_a_method_that_does_not_change_is_marked_on_the_page(
    runs: list[Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flat = Method("edges", "Edges", "nobody", of_layer=False, meaning="Edges.", maps=lambda asked: asked.pixels.mean(1))
    monkeypatch.setitem(METHODS, "edges", flat)
    page = explain(runs[0], out=tmp_path / "seen", number=1, methods=["edges"])
    text = page.read_text(encoding="utf-8")
    assert "<strong>Do not believe:</strong> Edges of first." in text
    assert "does not change: it shows the picture, not what the network learnt" in text


def test_the_verb(
    runs: list[Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "seen"
    typed = ["explain", runs[0].folder, "--out", out, "--number", "2", "--method", "grad_cam", "--layer", "layer2"]
    typed += ["--class", runs[0].cohort.classes.names[0], "--activations", "layer1", "--device", "cpu"]
    monkeypatch.setattr(sys, "argv", ["leukoscope", *map(str, typed)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code in {0, None}
    assert capsys.readouterr().out == f"Class maps: {out / 'seeing.html'}\n"
    assert read_json(out / "seeing.json")["command"].startswith("leukoscope explain ")


def test_the_data_set_s_own_masks_are_taken_where_the_framing_lets_them(runs: list[Run], tmp_path: Path) -> None:
    [model] = open_models(runs[:1])
    cohort = runs[0].cohort
    first = cohort.cells["path"][0]
    height, width = cv2.imread(str(cohort.root / first)).shape[:2]
    mask = np.zeros((height, width), np.uint8)
    mask[: height // 2] = 255
    cv2.imwrite(str(tmp_path / "mask.png"), mask)
    cells = pl.DataFrame({"path": [first, first], "mask": [str(tmp_path / "mask.png"), None]})
    drawn, found = see_cells(model, cohort, cells).masks
    assert drawn.how == "the data set's own mask"
    assert drawn.mask[:16].all()
    assert not drawn.mask[16:].any()
    assert found.how != drawn.how


def test_a_network_that_looks_at_a_corner_is_given_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both classes have the same cells; those of one have a bright spot in a corner, which the network learns."""
    torch.set_num_threads(1)
    random, classes = np.random.default_rng(0), Classes(("hem", "all"))
    pictures = np.zeros((32, 32, 32, 3), np.uint8)
    rows, columns = np.mgrid[:32, :32]
    disc = (rows - 18) ** 2 + (columns - 18) ** 2 < 64
    pictures[:, disc] = random.integers((70, 30, 90), (150, 90, 190), (32, int(disc.sum()), 3))
    pictures[16:, 1:5, 1:5] = 255
    network = build_model(ModelSettings(backbone="test_resnet", cut="layer1", weights=None), 1, seed=0)[0]
    pixels = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
    truth = (torch.arange(32) >= 16).float()[:, None]
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-2)
    for _ in range(30):
        optimiser.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(network(pixels), truth).backward()
        optimiser.step()
    assert ((network.eval()(pixels) > 0) == truth.bool()).all()
    card = BundleCard("spot", classes, parse_framing([{"resize": 32}]), ModelSettings(backbone="test_resnet"))
    model = SeenModel("spot", None, Bundle(Path(), card, network), network)  # type: ignore[arg-type]
    shown = pictures[16:20]
    masks = [cell_mask(picture) for picture in pictures[:4]]  # without the spot: where the cell is
    cells = SeenCells(shown, masks, ["all"] * 4, np.ones(4))
    asked = [(row, "all") for row in range(4)]
    found = [see(model, cells, asked, method=name, layer=None, seed=0) for name in ("grad_cam", "occlusion")]
    table = methods_table(found)
    assert (table["share_positive"] < table["chance"]).all() or (table["share"] < 0.35).all()
    assert "look for a shortcut in the background" in " ".join(table["words"])
    del monkeypatch


@pytest.mark.parametrize(
    ("share", "chance", "said"),
    [
        (None, 0.3, "no evidence at all"),
        (0.99, 0.95, "the cell fills the picture: this says nothing"),
        (0.3, 0.3, "less on the cell than by chance: look for a shortcut in the background"),
        (0.4, 0.3, "more on the cell than by chance, but mostly beside it"),
        (0.6, 0.3, "mostly on the cell"),
    ],
)
def test_the_share_in_words(share: float | None, chance: float, said: str) -> None:
    assert share_words(share, chance) == said


def test_a_folder_without_maps_has_no_page(tmp_path: Path) -> None:
    write_json(tmp_path / "other.json", {})
    assert message(lambda: seeing_context(tmp_path)) == (
        f"This folder holds no class maps.\n  where: {tmp_path}\n  what to do: Name the --out of explain."
    )
