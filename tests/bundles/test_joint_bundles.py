from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.loading import load_bundle
from leukoscope.bundles.saving import save_bundle
from leukoscope.cohort.classes import Classes
from leukoscope.errors import BundleError
from leukoscope.models.building import build_model
from leukoscope.models.probabilities import outputs_of
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import BranchSettings, ModelSettings

SETTINGS = ModelSettings(
    backbone="joint",
    branches={
        "A": BranchSettings(backbone="test_resnet", cut="layer1", weights="/a/machine/s/path"),
        "B": BranchSettings(backbone="test_resnet", cut="layer2", normalise="none"),
    },
    head="dense",
    hidden=[8, 8],
    hidden_dropout=0.6,
    feature_norm=True,
)


def card(names: tuple[str, ...]) -> BundleCard:
    return BundleCard("joint", Classes(names), parse_framing([{"resize": 32}]), SETTINGS)


@pytest.mark.parametrize("names", [("hem", "all"), ("a", "b", "c")])
def test_a_joint_model_comes_back_as_it_was(tmp_path: Path, names: tuple[str, ...]) -> None:
    own = card(names)
    assert {branch.weights for branch in own.model.branches.values()} == {None}
    model, _ = build_model(own.model, outputs_of(own.classes), seed=4)
    given = torch.rand(6, 3, 32, 32, generator=torch.Generator().manual_seed(2))
    for _ in range(3):
        model(given)  # the batch norms take up statistics
    model.eval()
    save_bundle(tmp_path / "bundle", model, own)
    found = load_bundle(tmp_path / "bundle")
    assert found.card.model == own.model
    with torch.inference_mode():
        torch.testing.assert_close(found.model(given), model(given), rtol=1e-5, atol=1e-6)


def test_a_bundle_of_other_branches_is_refused(tmp_path: Path) -> None:
    own = card(("hem", "all"))
    model, _ = build_model(own.model, 1)
    branches = {**own.model.branches, "B": BranchSettings(backbone="test_resnet", cut="layer1")}
    other = replace(own, model=own.model.model_copy(update={"branches": branches}))
    with pytest.raises(BundleError) as caught:
        save_bundle(tmp_path / "bundle", model, other)
    assert caught.value.what == "The weights are those of another network than the bundle's settings say."
