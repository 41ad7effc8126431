from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from leukoscope.models.aggregators import make_aggregator
from leukoscope.models.bags import Bags
from leukoscope.models.cell_model import CellModel
from leukoscope.models.heads import make_head
from leukoscope.models.patient_model import PatientModel
from leukoscope.models.timm_backbones import create_backbone
from leukoscope.models.weights import Normalisation
from leukoscope.recipes.schema import ModelSettings
from leukoscope.training.bag_batches import BagBatch

SIDE, FACTS = 8, 2


class AddsFacts(nn.Module):
    """The patient's vector and a linear map of facts, behind each other."""

    def __init__(self, vector: int, outputs: int) -> None:
        super().__init__()
        self.map, self.dropout = nn.Linear(vector + FACTS, outputs), nn.Dropout(0.3)

    def forward(self, vector: Tensor, facts: Tensor) -> Tensor:
        mapped: Tensor = self.map(self.dropout(torch.cat([vector, facts], dim=1)))
        return mapped


@dataclass
class Counting:
    """Makes each cell's pixels of its place alone, and counts how often it is asked."""

    largest: int = 0
    calls: int = 0

    def __call__(self, places: np.ndarray) -> Tensor:
        self.largest, self.calls = max(self.largest, len(places)), self.calls + 1
        made = [torch.rand(3, SIDE, SIDE, generator=torch.Generator().manual_seed(int(place))) for place in places]
        return torch.stack(made).double()


@dataclass(frozen=True)
class Bench:
    """A network of double precision and what it is tried on."""

    model: PatientModel
    batch: BagBatch
    pixels: Counting

    def loss_of(self, logits: Tensor) -> Tensor:
        if logits.shape[1] == 1:
            return functional.binary_cross_entropy_with_logits(logits[:, 0], self.batch.labels.double())
        return functional.cross_entropy(logits, self.batch.labels)


def make_bench(
    aggregator: Any = "mean",
    sizes: tuple[int, ...] = (1, 40, 7, 12),
    *,
    instances: Any = "pixels",
    order: Any = "logits",
    outputs: int = 1,
    fused: bool = False,
    batch_norm: Any = "frozen",
    dropout: float = 0.3,
) -> Bench:
    torch.manual_seed(0)
    backbone = create_backbone("test_resnet", cut="layer1")
    columns = outputs if order == "logits" else backbone.features
    made = make_aggregator(aggregator, backbone.features, columns, 2)
    vector = made.width(columns)
    settings = ModelSettings(backbone="any", dropout=dropout)
    head = make_head(settings, backbone.features if order == "logits" else vector, outputs, seed=1)
    cells = CellModel(backbone, head, Normalisation((0.5, 0.5, 0.5), (0.2, 0.2, 0.2)))
    fusion = AddsFacts(vector, outputs) if fused else None
    model = PatientModel(cells, made, instances_of=instances, order=order, fusion=fusion).double()
    for module in model.modules():  # as if it had been trained: else batch norm would do nothing
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)  # type: ignore[union-attr, operator]
            module.running_var.uniform_(0.5, 2)  # type: ignore[union-attr, operator]
    model.batch_norm = batch_norm
    pixels, bags = Counting(), Bags(torch.tensor(sizes))
    facts = torch.randn(len(sizes), FACTS).double() if fused else None
    labels = torch.arange(len(sizes)) % max(outputs, 2)
    return Bench(model.train(), BagBatch(pixels, bags, facts, labels, torch.device("cpu"), seed=5), pixels)


def gradients(bench: Bench, step: Callable[..., float], settings: Any) -> tuple[float, PatientModel, Tensor]:
    """Return the loss, a copy of the network with its gradients, and the next random number."""
    model = copy.deepcopy(bench.model)
    torch.manual_seed(11)
    loss = step(model, bench.batch, bench.loss_of, settings)
    return loss, model, torch.rand(1)


def assert_same_gradients(found: PatientModel, expected: PatientModel, relative: float = 1e-6) -> None:
    """Parameter by parameter, relative to the largest; what is nought but for rounding is compared with all."""
    theirs = dict(expected.named_parameters())
    overall = max(float(value.grad.abs().max()) for value in theirs.values() if value.grad is not None)
    assert overall > 0
    for name, value in found.named_parameters():
        wanted = theirs[name].grad
        if wanted is None or value.grad is None:
            assert wanted is None or not wanted.any(), name
            assert value.grad is None or not value.grad.any(), name
            continue
        allowed = max(relative * float(wanted.abs().max()), 1e-13 * overall)
        assert float((value.grad - wanted).abs().max()) <= allowed, name


@pytest.fixture(scope="session")
def bench() -> Callable[..., Bench]:
    return make_bench


@pytest.fixture(scope="session")
def learnt() -> Callable[..., tuple[float, PatientModel, Tensor]]:
    return gradients


@pytest.fixture(scope="session")
def same_gradients() -> Callable[..., None]:
    return assert_same_gradients
