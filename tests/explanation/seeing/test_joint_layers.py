from __future__ import annotations

import numpy as np
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError
from leukoscope.explanation.seeing import last_maps, layer_names
from leukoscope.explanation.seeing.maps import class_maps
from leukoscope.models.building import build_model
from leukoscope.models.cell_model import CellModel
from leukoscope.recipes.schema import BranchSettings, ModelSettings

CLASSES = Classes(("hem", "all"))


@pytest.fixture(scope="module")
def network() -> CellModel:
    branch = BranchSettings(backbone="test_resnet", cut="layer2")
    settings = ModelSettings(backbone="joint", branches={"A": branch, "B": branch}, head="dense", hidden=[8])
    return build_model(settings, 1)[0].eval()


def test_networks_side_by_side_have_no_last_maps(network: CellModel) -> None:
    with pytest.raises(SettingsError) as caught:
        last_maps(network, (32, 32))
    assert str(caught.value) == (
        "Several networks side by side have no feature maps in common that a class map could be laid on.\n"
        "  where: layer\n"
        "  what to do: Name a layer of one of them (A.layer4), or take integrated_gradients or occlusion: they need no "
        "layer."
    )


@pytest.mark.parametrize(("method", "layer"), [("grad_cam", "B.layer2"), ("occlusion", None)])
def test_maps_are_laid_on_one_branch_or_on_the_picture(network: CellModel, method: str, layer: str | None) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (1, 32, 32, 3), dtype=np.uint8)
    found = class_maps(network, picture, CLASSES, of="all", method=method, layer=layer)
    assert found.layer == layer
    assert np.isfinite(found.maps).all()
    assert {"A.layer1.0.conv1", "B.layer2", "head.linear"} <= set(layer_names(network))
    assert not any(name.startswith(("A.layer3", "B.layer4")) for name in layer_names(network))
