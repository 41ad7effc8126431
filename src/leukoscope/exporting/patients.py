"""The graph of a bundle of patients: from one patient's pictures and facts to the calibrated diagnosis."""

from __future__ import annotations

from contextlib import nullcontext

import torch
from torch import Tensor, nn

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.network import encoder_of
from leukoscope.exporting.bags import OneBag
from leukoscope.exporting.calibrators import calibrator_in_graph
from leukoscope.exporting.distances import DistancesInGraph, looks_at_whole, looks_of
from leukoscope.exporting.facts import UNKNOWN, FactsInGraph, LogisticInGraph
from leukoscope.exporting.framing import PixelsInGraph
from leukoscope.exporting.graph import Graph, Input, Output
from leukoscope.exporting.signature import distance_outputs, framing_inside, inputs_of, logits_meaning
from leukoscope.exporting.substitutes import for_graph
from leukoscope.exporting.views import views_in_graph
from leukoscope.facts.category import CategoryFact
from leukoscope.facts.encoding import FactsEncoder
from leukoscope.facts.late import LateFusion
from leukoscope.models.bags import Bags
from leukoscope.models.cell_look import looking
from leukoscope.models.patient_model import PatientModel
from leukoscope.models.probabilities import outputs_of, probabilities
from leukoscope.pictures.framing.operator import Size
from leukoscope.training.views import mean_of_views

TRIED = 3
TOLERANCE = 1e-3


def graph_of_patients(bundle: Bundle) -> Graph:
    """Return the graph of a bundle of patients.

    Args:
        bundle: The bundle.

    Raises:
        SettingsError: part of it can't be in a graph.
    """
    inside, classes, encoder = framing_inside(bundle), bundle.classes, encoder_of(bundle.card)
    inputs, module = list(inputs_of(bundle)), OnePatient(bundle, inside=inside)
    if encoder is not None:
        inputs.append(Input("facts", "float32", (1, len(encoder.facts)), _facts_meaning(encoder)))
    outputs = [
        Output("probabilities", (1, len(classes)), "Of each class, in the order of the classes; they sum to 1."),
        Output("logits", (1, outputs_of(classes)), logits_meaning(classes)),
    ]
    if module.tells:
        of = f"of {classes.positive}" if classes.binary else "of each class"
        meaning = f"What each cell adds to the logit {of} that the pictures give; the cells' sum is that logit."
        outputs.append(Output("evidence", ("n",) if classes.binary else ("n", len(classes)), meaning))
    if bundle.reference is not None:
        outputs += distance_outputs(bundle.reference)
    return Graph(module, tuple(inputs), tuple(outputs), inside)


class OnePatient(nn.Module):
    """One patient's pictures, any number of them, and facts to the diagnosis.

    Args:
        bundle: A bundle of patients.
        inside: Whether the framing is part of the graph.

    Attributes:
        tells: Whether there is evidence: what each cell adds to the logit, where such a sum exists.
    """

    def __init__(self, bundle: Bundle, *, inside: bool) -> None:
        super().__init__()
        card = bundle.card
        self.classes, self.test_time = card.classes, card.test_time
        self.pixels = PixelsInGraph(card.framing if inside else None)
        self.views = views_in_graph(card.test_time, card.input_size)
        network = for_graph(bundle.model)
        assert isinstance(network, PatientModel)
        network.cells.measures = None
        self.network: PatientModel = network
        encoder = encoder_of(card)
        self.encoder = None if encoder is None else FactsInGraph(encoder)
        self.late = None if card.fusion is None else LogisticInGraph(LateFusion.from_json(card.fusion).model)
        self.calibrator = calibrator_in_graph(card)
        self.measured = bundle.model.cells.measured if isinstance(bundle.model, PatientModel) else 0
        self.distances = None if bundle.reference is None else DistancesInGraph(bundle.reference)
        one_sum = len(self.views) == 1 or card.test_time.mean == "logits"
        self.tells = one_sum and self._sums(card.input_size)

    def forward(
        self, pictures: Tensor, first: Tensor | None = None, second: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        """Return probabilities, (1, k), logits from before calibration, (1, outputs), and evidence where there is any.

        Where the bundle has reference cells, also each cell's distance, (n,), and what the network saw in it, (n, d).

        Args:
            pictures: (n, h, w, 3) uint8, RGB, of one patient.
            first: Named measures in each view, (n, views, m) float32, where the network has some; else facts, (1, f)
                float32, where these count.
            second: Facts, where both are there.
        """
        measures, facts = (first, second) if self.measured else (None, first)
        measured = [None] * len(self.views) if measures is None else measures.unbind(dim=1)
        given = None if self.encoder is None or facts is None else self.encoder(facts)
        pixels = self.pixels(pictures)
        # View by view: of a patient with many cells all views at once would not fit into memory.
        with looking(self.network.cells) if self.distances is not None else nullcontext() as noted:
            seen = [self._instances(self.views[0](pixels), measured[0])]
            looks = None if noted is None else looks_of(noted, pixels, 1, measured[0])
        further = zip(self.views[1:], measured[1:], strict=True)
        seen += [self._instances(view(pixels), own) for view, own in further]
        bag = OneBag(pictures.shape[0])
        inside = None if self.network.fusion is None else given
        logits = mean_of_views(torch.stack([self.network.diagnose(one, bag, inside) for one in seen]), self.test_time)
        said = self._fused(logits, given)
        shares = probabilities(said, self.classes)
        shares = shares if self.calibrator is None else self.calibrator(shares, said)
        evidence = (self._evidence(seen, bag),) if self.tells else ()
        if self.distances is None or looks is None:
            return (shares, said, *evidence)
        looks = looks if self.views[0].unchanged else looks_at_whole(self.network.cells, pixels)
        return (shares, said, *evidence, self.distances(looks), looks)

    def _instances(self, pixels: Tensor, measures: Tensor | None) -> Tensor:
        if measures is None:
            return self.network.instances(pixels)
        features = torch.cat([self.network.cells.embed(pixels), measures], dim=1)
        return self.network.instances_of_features(features.unsqueeze(1))

    def _fused(self, logits: Tensor, facts: Tensor | None) -> Tensor:
        if self.late is None:
            return logits
        fused: Tensor = self.late(logits if facts is None else torch.cat([logits, facts], dim=1))
        return fused

    def _evidence(self, seen: list[Tensor], bag: Bags) -> Tensor:
        """Return what each cell adds, (n,) for two classes, else (n, k): the mean over the views."""
        each = []
        for output in range(outputs_of(self.classes)):
            found = [self.network.evidence(one, bag, output) for one in seen]
            each.append(torch.stack([one.sum(dim=1) for one in found if one is not None]).mean(dim=0))
        return each[0] if self.classes.binary else torch.stack(each, dim=1)

    def _sums(self, size: Size) -> bool:
        """Return whether what cells add sums to the network's logit, by a trial on pictures of noise."""
        if self.network.fusion is not None:
            return False
        pixels = torch.rand(TRIED, 3, *size, generator=torch.Generator().manual_seed(0))
        with torch.inference_mode():
            seen, bag = (
                self._instances(pixels, torch.zeros(TRIED, self.measured) if self.measured else None),
                OneBag(TRIED),
            )
            logits = self.network.diagnose(seen, bag)[0]
            found = [self.network.evidence(seen, bag, output) for output in range(len(logits))]
        if any(one is None for one in found):
            return False
        sums = torch.stack([one.sum() for one in found if one is not None])
        return bool(((sums - logits).abs() <= TOLERANCE * (1 + logits.abs())).all())


def _facts_meaning(encoder: FactsEncoder) -> str:
    said = []
    for fact in encoder.facts:
        if isinstance(fact, CategoryFact):
            places = ", ".join(f"{place} {word}" for place, word in enumerate(fact.words))
            said.append(f"{fact.name} ({places}, {UNKNOWN} any other)")
        else:
            said.append(f"{fact.name} (a number{' above 0' if fact.log else ''})")
    return f"The patient's facts, in this order: {', '.join(said)}; NaN where one is missing."
