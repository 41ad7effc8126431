"""Hand-made networks whose answer is known."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from leukoscope.cohort.classes import Classes
from leukoscope.models.building import build_model
from leukoscope.models.cell_model import CellModel
from leukoscope.models.timm_backbones import Backbone
from leukoscope.recipes.schema import ModelSettings

SIDE = 32


class MeanOfRed(nn.Module):
    """One 4 x 4 mean pooling, as a stage; the head looks at red alone."""

    def __init__(self) -> None:
        super().__init__()
        self.pretrained_cfg: dict[str, Any] = {"input_size": (3, SIDE, SIDE)}
        self.stem = nn.Identity()
        self.layer1 = nn.AvgPool2d(4)

    def forward_features(self, pixels: Tensor) -> Tensor:
        found: Tensor = self.layer1(self.stem(pixels))
        return found

    def forward_head(self, maps: Tensor, *, pre_logits: bool = True) -> Tensor:
        assert pre_logits
        return maps.mean(dim=(2, 3))


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def classes() -> Classes:
    return Classes(("hem", "all"))


@pytest.fixture
def red_network() -> CellModel:
    """Its logit is the mean of red less half: 0.5 is subtracted by the normalisation."""
    head = nn.Linear(3, 1)
    with torch.no_grad():
        head.weight.copy_(torch.tensor([[1.0, 0.0, 0.0]]))
        head.bias.zero_()
    half = SimpleNamespace(mean=(0.5, 0.5, 0.5), std=(1.0, 1.0, 1.0))
    return CellModel(Backbone(MeanOfRed(), "mean_of_red"), head, half)  # type: ignore[arg-type]


@pytest.fixture
def make_network() -> Callable[..., CellModel]:
    def made(outputs: int = 1, **settings: Any) -> CellModel:
        known = {"backbone": "test_resnet", "cut": "layer2", "weights": None} | settings
        network = build_model(ModelSettings(**known), outputs)[0]
        for values in network.head.parameters():
            nn.init.normal_(values, std=0.5, generator=torch.Generator().manual_seed(0))
        return network

    return made


@pytest.fixture
def cells() -> np.ndarray:
    """Three discs of noise on black, (3, 32, 32, 3) uint8."""
    random = np.random.default_rng(0)
    pictures = random.integers((70, 30, 90), (150, 90, 190), (3, SIDE, SIDE, 3), dtype=np.uint8)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    for number, picture in enumerate(pictures):
        picture[(rows - 15) ** 2 + (columns - 12 - number) ** 2 > 100] = 0
    return pictures
