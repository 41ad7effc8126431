"""The network of one patient: each cell's instances, an aggregator over all of them, and facts where there are any."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Self

import torch
from torch import Tensor, nn

from leukoscope.models.aggregators.aggregator import Aggregator
from leukoscope.models.bags import Bags
from leukoscope.models.cell_model import BatchNorm, CellModel
from leukoscope.models.heads import is_linear

AGGREGATOR, FACTS = "aggregator", "facts"


class PatientModel(nn.Module):
    """From all cells of a patient to the patient's logits.

    A cell gives one instance, its pooled features, or one a pixel of its feature map (Grisi & Schmidt-Mengin: a
    backbone without global pooling and a 1 x 1 convolution). The head makes logits of them, and the aggregator one of
    all instances of a patient; or the aggregator takes the features, and the head stands behind it.

    Args:
        cells: Backbone, head and normalisation.
        aggregator: Over all instances of a patient.
        instances_of: ``pixels`` or ``cells``.
        order: What is aggregated: ``logits`` or ``features``.
        fusion: From the patient's vector, (b, v), and facts, (b, f), to logits; None where pictures decide alone.
        facts: How many facts the fusion takes.
    """

    def __init__(
        self,
        cells: CellModel,
        aggregator: Aggregator,
        *,
        instances_of: Literal["pixels", "cells"] = "pixels",
        order: Literal["logits", "features"] = "logits",
        fusion: nn.Module | None = None,
        facts: int = 0,
    ) -> None:
        super().__init__()
        self.cells, self.aggregator, self.fusion = cells, aggregator, fusion
        self.instances_of, self.order, self.facts = instances_of, order, facts

    def forward(self, pixels: Tensor, bags: Bags, facts: Tensor | None = None) -> Tensor:
        """Return patients' logits, (b, outputs); arguments as of ``instances`` and ``diagnose``."""
        return self.diagnose(self.instances(pixels), bags, facts)

    def instances(self, pixels: Tensor) -> Tensor:
        """Return what the aggregator needs of each cell.

        Args:
            pixels: (n, 3, h, w) float32, RGB, 0 to 1.

        Returns:
            (n, m, w): m instances a cell; w numbers of each: its values (logits, or features), then what the
            aggregator projects.
        """
        return self.instances_of_features(self.cell_features(pixels))

    def cell_features(self, pixels: Tensor) -> Tensor:
        """Return the features of each cell's instances, (n, m, d), of (n, 3, h, w) float32 pixels in 0 to 1."""
        if self.instances_of == "cells":
            return self.cells.embed(pixels).unsqueeze(1)
        return self.cells.features(pixels).flatten(2).transpose(1, 2)

    def instances_of_features(self, features: Tensor) -> Tensor:
        """Return what ``instances`` does, of features, (n, m, d), that are known already."""
        flat = features.flatten(0, 1)
        values = self.cells.head(flat) if self.order == "logits" else flat
        both = torch.cat([values, self.aggregator.project(flat)], dim=1)
        return both.view(*features.shape[:2], both.shape[1])

    def diagnose(self, instances: Tensor, bags: Bags, facts: Tensor | None = None) -> Tensor:
        """Return patients' logits.

        Args:
            instances: (n, m, w), as ``instances`` returns them; cells of a patient stand together.
            bags: Which cells belong to whom.
            facts: (b, f) float32, encoded; needed where there is a fusion.

        Returns:
            (b, outputs): one output, the positive class's logit, for two classes; else one a class.
        """
        patient = self.vectors(instances, bags)
        if self.fusion is not None:
            fused: Tensor = self.fusion(patient, facts)
            return fused
        return patient if self.order == "logits" else self.cells.head(patient)

    def vectors(self, instances: Tensor, bags: Bags) -> Tensor:
        """Return what is aggregated of each patient, (b, v): the logits, or features; arguments as of ``diagnose``."""
        values, projected, rows = self._rows(instances, bags)
        patient: Tensor = self.aggregator(values, rows, projected)
        return patient

    def evidence(self, instances: Tensor, bags: Bags, output: int = 0) -> Tensor | None:
        """Return what each instance adds to its patient's logit, before any facts.

        Args:
            instances: As in ``diagnose``.
            bags: As in ``diagnose``.
            output: Which logit: 0 for two classes, the class's place for more.

        Returns:
            (n, m), summing over a patient to the patient's logit (of which the head's bias, where features are
            aggregated, is spread by the weights, or evenly); None where the aggregator knows no such sum, or features
            are aggregated and the head behind them is not linear.
        """
        values, projected, rows = self._rows(instances, bags)
        if self.order == "features":
            found = self._evidence_of_features(values, rows, projected)
        else:
            found = self.aggregator.evidence(values, rows, projected)
        return None if found is None else found[:, output].view(instances.shape[:2])

    def _evidence_of_features(self, values: Tensor, rows: Bags, projected: Tensor) -> Tensor | None:
        if not is_linear(self.cells.head):
            return None
        if self.aggregator.linear:
            return self.aggregator.evidence(self.cells.head(values), rows, projected)
        found = self.aggregator.evidence(values, rows, projected)
        if found is None:
            return None
        bias = self.cells.head(torch.zeros_like(found[:1]))
        evidence: Tensor = self.cells.head(found) - bias + bias / rows.sizes[rows.index, None]
        return evidence

    def _rows(self, instances: Tensor, bags: Bags) -> tuple[Tensor, Tensor, Bags]:
        flat = instances.flatten(0, 1)
        width = flat.shape[1] - self.aggregator.projected
        return flat[:, :width], flat[:, width:], bags.repeated(instances.shape[1])

    @property
    def frozen(self) -> frozenset[str]:
        """The parts that are not trained; they stay in evaluation mode when ``train()`` is called."""
        return self.cells.frozen

    @frozen.setter
    def frozen(self, parts: frozenset[str]) -> None:
        self.cells.frozen = parts

    @property
    def batch_norm(self) -> BatchNorm:
        """``frozen`` and ``fixed`` keep the statistics of every batch-norm of the backbone, in trained parts too."""
        return self.cells.batch_norm

    @batch_norm.setter
    def batch_norm(self, mode: BatchNorm) -> None:
        self.cells.batch_norm = mode

    @property
    def mean(self) -> Tensor:
        """The channels' means that the backbone's weights want taken off, (1, 3, 1, 1)."""
        return self.cells.mean

    @property
    def std(self) -> Tensor:
        """The channels' deviations, (1, 3, 1, 1)."""
        return self.cells.std

    @property
    def part_names(self) -> list[str]:
        """The cells' parts, then ``aggregator`` and ``facts`` where these have parameters."""
        return list(self.parts())

    def divide(self, entries: Iterable[str], where: str = "train") -> None:
        """Divide stages of the backbone further, as ``CellModel.divide`` does."""
        self.cells.divide(entries, where)

    def parts(self) -> dict[str, list[nn.Parameter]]:
        """Return the parameters by part, in order; each parameter is in exactly one, and no part is empty."""
        own = {AGGREGATOR: self.aggregator, FACTS: self.fusion}
        further = {name: list(module.parameters()) for name, module in own.items() if module is not None}
        return self.cells.parts() | {name: parameters for name, parameters in further.items() if parameters}

    def modules_of(self, part: str) -> list[nn.Module]:
        """Return the modules that a part consists of (not the modules within them)."""
        if part == AGGREGATOR:
            return [self.aggregator]
        if part == FACTS:
            return [] if self.fusion is None else [self.fusion]
        return self.cells.modules_of(part)

    def train(self, mode: bool = True) -> Self:
        """Set training or evaluation mode; frozen parts, and batch-norms where they are frozen, stay in evaluation."""
        super().train(mode)
        for part in self.frozen & {AGGREGATOR, FACTS}:
            for module in self.modules_of(part):
                module.eval()
        return self
