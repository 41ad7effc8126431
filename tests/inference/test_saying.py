"""What a bundle of several models says of pictures: each member in its own framing and its own views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import polars as pl
import pytest
import torch
from torch import nn

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.ensemble_bundle import EnsembleBundle
from leukoscope.bundles.ensemble_card import EnsembleCard
from leukoscope.bundles.ensemble_saving import save_ensemble
from leukoscope.bundles.opening import open_bundle
from leukoscope.bundles.saving import save_bundle
from leukoscope.cohort.classes import Classes
from leukoscope.errors import LeukoscopeWarning, SettingsError
from leukoscope.inference import predict, predict_blocks, predict_patients, predict_to_file, write_cnmc_submission
from leukoscope.inference.cnmc_submission import SMALLER
from leukoscope.inference.sources import pictures_of
from leukoscope.models.building import build_model
from leukoscope.models.probabilities import outputs_of
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import ModelSettings
from leukoscope.recipes.schema import TestTimeSettings as Views

FRAMINGS = {"small": [{"center_crop": 24}], "large": [{"resize": 40}], "again": [{"resize": 40}]}
WEIGHTS = {"small": 0.5, "large": 0.3, "again": 0.2}


def save_several(folder: Path, names: tuple[str, ...]) -> Path:
    """Save a bundle of three untrained models in two framings, one of which looks at two views."""
    classes, settings = Classes(names), ModelSettings(backbone="test_resnet", cut="layer2")
    for seed, (name, framing) in enumerate(FRAMINGS.items()):
        model, _ = build_model(settings, outputs_of(classes), seed=seed)
        generator = torch.Generator().manual_seed(seed)
        nn.init.normal_(model.head.get_parameter("linear.weight"), std=2.0, generator=generator)
        views = Views(rotations=2 if name == "again" else 1)
        card = BundleCard(name, classes, parse_framing(framing), settings, test_time=views)
        save_bundle(folder / name, model, card)
    both = EnsembleCard("several", classes, "average", {"weights": WEIGHTS}, tuple(FRAMINGS))
    save_ensemble(folder / "bundle", {name: folder / name for name in FRAMINGS}, both)
    return folder


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Callable[[tuple[str, ...]], Path]:
    """Save the three models with these classes, once."""
    return cache(lambda names: save_several(tmp_path_factory.mktemp("several"), names))


@pytest.fixture(scope="module", params=[("hem", "all"), ("a", "b", "c")], ids=["two classes", "three classes"])
def several(request: pytest.FixtureRequest, saved: Callable[[tuple[str, ...]], Path]) -> Path:
    return saved(request.param)


@pytest.fixture(scope="module")
def of_two(saved: Callable[[tuple[str, ...]], Path]) -> EnsembleBundle:
    bundle = open_bundle(saved(("hem", "all")) / "bundle")
    assert isinstance(bundle, EnsembleBundle)
    return replace(bundle, card=replace(bundle.card, threshold=0.3))


@pytest.mark.filterwarnings("ignore::leukoscope.errors.LeukoscopeWarning")
def test_it_combines_what_each_member_says_alone(several: Path, pictures: Path) -> None:
    said = predict(several / "bundle", pictures, device="cpu").table
    own = {name: predict(several / name, pictures, device="cpu").table for name in FRAMINGS}
    columns = [name for name in said.columns if name.startswith("p_")]
    expected = np.sum([WEIGHTS[name] * own[name].select(columns).to_numpy() for name in FRAMINGS], axis=0)
    assert said["id"].to_list() == own["small"]["id"].to_list()
    assert said.columns == own["small"].columns
    assert said.select(columns).to_numpy() == pytest.approx(expected, abs=1e-6)
    if "logit" in said.columns:
        chance = said["p_all"].to_numpy()
        assert said["logit"].to_numpy() == pytest.approx(np.log(chance / (1 - chance)))
    else:
        highest = [columns[place].removeprefix("p_") for place in expected.argmax(axis=1)]
        assert said["called"].to_list() == highest


def test_its_own_threshold_decides(of_two: EnsembleBundle, pictures: Path) -> None:
    said = predict(of_two, pictures).table
    assert said["called"].to_list() == ["all" if chance >= 0.3 else "hem" for chance in said["p_all"]]


def test_neither_the_batch_nor_a_damaged_picture_moves_another(of_two: EnsembleBundle, damaged: Path) -> None:
    black = np.zeros((40, 40, 3), dtype=np.uint8)
    cv2.imwrite(str(damaged / "black.png"), black)
    black[:6] = 200
    cv2.imwrite(str(damaged / "black_middle.png"), black)
    found = pictures_of(damaged, of_two.classes)
    one, many = (pl.concat(predict_blocks(of_two, found, batch=size, workers=2)) for size in (1, 64))
    numbers = ["p_hem", "p_all", "logit"]
    assert one.drop(numbers).equals(many.drop(numbers))
    for name in numbers:
        assert one[name].drop_nulls().to_numpy() == pytest.approx(many[name].drop_nulls().to_numpy(), abs=1e-5)
    problems = dict(many.filter(pl.col("problem").is_not_null()).select("id", "problem").iter_rows())
    dark = "The picture is black all over: there is no cell in it."
    # what one member would see is black, although another sees the bright rim
    assert [problems[name] for name in ("black", "black_middle")] == [dark, dark]
    assert many.filter(pl.col("problem").is_not_null())["p_all"].null_count() == len(problems) == 6


def test_a_member_that_alone_gets_by_with_fewer_views_looks_at_all(of_two: EnsembleBundle, pictures: Path) -> None:
    last = of_two.members[-1]
    assert isinstance(last, Bundle)
    rule = {"after": [1], "shifts": [0.0], "margins": [0.0]}
    views = Views(rotations=2, adaptive=True)
    hasty = replace(last, card=replace(last.card, test_time=views, threshold=0.5, view_rule=rule))
    said = predict(replace(of_two, members=(*of_two.members[:-1], hasty)), pictures).table
    assert "views" not in said.columns
    assert said.equals(predict(of_two, pictures).table)


def test_a_leak_is_told(of_two: EnsembleBundle, pictures: Path) -> None:
    leaking = replace(of_two, card=replace(of_two.card, leakage="the paper's split"))
    with pytest.warns(LeukoscopeWarning, match=r"Marked with leakage \(column 'leakage'\): the paper's split"):
        assert set(predict(leaking, pictures).table["leakage"]) == {"the paper's split"}


def test_it_writes_files_and_submissions_and_diagnoses_nobody(of_two: EnsembleBundle, pictures: Path) -> None:
    folder = pictures / "below"
    for number, path in enumerate(sorted(folder.glob("*.png")), start=1):
        path.rename(folder / f"{number}.png")
    summary = predict_to_file(of_two, folder, pictures / "said.csv")
    said = pl.read_csv(summary.out)
    written = write_cnmc_submission(of_two, folder, pictures / "submission.csv")
    assert SMALLER in written.warnings
    ones = [int(line) for line in written.out.read_text(encoding="utf-8").split()]
    assert ones == [int(name == "all") for name in said.sort("id")["called"]]
    with pytest.raises(SettingsError) as caught:
        predict_patients(of_two, pictures)
    assert str(caught.value) == (
        f"The bundle 'several' classifies cells, it diagnoses nobody.\n  where: {of_two.folder}"
    )
