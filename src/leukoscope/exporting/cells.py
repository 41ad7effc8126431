"""The graph of a bundle of cells, of one model or of several: from pictures to calibrated probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext

import torch
from torch import Tensor, nn

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.ensemble_bundle import AnyBundle, EnsembleBundle, models_of
from leukoscope.exporting.calibrators import calibrator_in_graph, log_odds
from leukoscope.exporting.distances import DistancesInGraph, looks_at_whole, looks_of
from leukoscope.exporting.framing import PixelsInGraph
from leukoscope.exporting.graph import Graph, Output
from leukoscope.exporting.rules import rule_in_graph
from leukoscope.exporting.signature import (
    DISTANCE,
    distance_outputs,
    framers,
    framing_inside,
    inputs_of,
    logits_meaning,
)
from leukoscope.exporting.substitutes import for_graph
from leukoscope.exporting.views import views_in_graph
from leukoscope.models.cell_look import looking
from leukoscope.models.cell_model import CellModel
from leukoscope.models.probabilities import outputs_of, probabilities
from leukoscope.training.views import mean_of_views

PAIR = ("probabilities", "logits")
LEAST = 1e-12
"""As in the tables of ensembles: probabilities below it count as this in a logit."""


def graph_of_cells(bundle: AnyBundle) -> Graph:
    """Return the graph of a bundle of cells.

    Args:
        bundle: The bundle.

    Raises:
        SettingsError: part of it can't be in a graph.
    """
    inputs, inside, classes = inputs_of(bundle), framing_inside(bundle), bundle.classes
    if isinstance(bundle, EnsembleBundle):
        keys = () if inside else (model.framing.key for model in framers(bundle).values())
        module: nn.Module = ManyModels(bundle, {key: place for place, key in enumerate(keys)})
    else:
        module = OneModel(bundle, inside=inside)
    outputs = [
        Output("probabilities", ("n", len(classes)), "Of each class, in the order of the classes; they sum to 1."),
        Output("logits", ("n", outputs_of(classes)), logits_meaning(classes)),
    ]
    knowing = [model.reference for model in models_of(bundle) if model.reference is not None]
    if isinstance(bundle, EnsembleBundle) and knowing:
        outputs.append(Output("distances", ("n", len(knowing)), f"{DISTANCE} of more than half of the models."))
    elif knowing:
        outputs += distance_outputs(knowing[0])
    return Graph(module, inputs, tuple(outputs), inside)


class OneModel(nn.Module):
    """Pictures to the probabilities of one model, mean over its views, calibrated where the bundle does that.

    Args:
        bundle: A bundle of one model of cells.
        inside: Whether the framing is part of the graph.
        calibrates: Whether it calibrates, where its bundle does.
    """

    def __init__(self, bundle: Bundle, *, inside: bool, calibrates: bool = True) -> None:
        super().__init__()
        card = bundle.card
        self.classes, self.test_time = card.classes, card.test_time
        self.pixels = PixelsInGraph(card.framing if inside else None)
        self.views = views_in_graph(card.test_time, card.input_size)
        network = for_graph(bundle.model)
        assert isinstance(network, CellModel)
        network.measures = None
        self.network: CellModel = network
        self.calibrator = calibrator_in_graph(card) if calibrates else None
        self.distances = None if bundle.reference is None else DistancesInGraph(bundle.reference)

    def forward(self, pictures: Tensor, measures: Tensor | None = None) -> tuple[Tensor, ...]:
        """Return probabilities, (n, k), and logits from before calibration, (n, outputs).

        Where the bundle has reference cells, also distances from its training cells, (n,), and what the network saw,
        (n, d).

        Args:
            pictures: (n, h, w, 3) uint8, RGB.
            measures: (n, views, m) float32, the named measures in each view, where the network has some.
        """
        pixels = self.pixels(pictures)
        measured = None if measures is None else measures.transpose(0, 1)
        # All views as one batch: the network stands in the graph once, however many there are.
        views = torch.cat([view(pixels) for view in self.views])
        with looking(self.network) if self.distances is not None else nullcontext() as seen:
            features = self.network.embed(views)
        said = self.network.head(features if measured is None else torch.cat([features, measured.flatten(0, 1)], dim=1))
        logits = mean_of_views(said.view(len(self.views), -1, said.shape[1]), self.test_time)
        shares = probabilities(logits, self.classes)
        shares = shares if self.calibrator is None else self.calibrator(shares, logits)
        if self.distances is None:
            return shares, logits
        if seen is not None and self.views[0].unchanged:
            looks = looks_of(seen, pixels, len(self.views), None if measured is None else measured[0])
        else:
            looks = looks_at_whole(self.network, pixels)
        return shares, logits, self.distances(looks), looks


class ManyModels(nn.Module):
    """Pictures to the common probabilities of several models.

    Args:
        bundle: A bundle of several models of cells.
        places: Which of the inputs is framed in which way, by the framing's key; empty where framing is in the graph.
    """

    def __init__(self, bundle: EnsembleBundle, places: Mapping[str, int]) -> None:
        super().__init__()
        self.classes = bundle.classes
        # What a member calibrates for itself is not what the rule was fitted on.
        self.members = nn.ModuleList(
            ManyModels(one, places)
            if isinstance(one, EnsembleBundle)
            else OneModel(one, inside=not places, calibrates=False)
            for one in bundle.members
        )
        self.places = [places.get(one.framing.key, 0) if isinstance(one, Bundle) else None for one in bundle.members]
        self.rule = rule_in_graph(bundle.fitted, bundle.classes, bundle.card.rule)

    def forward(self, *pictures: Tensor) -> tuple[Tensor, ...]:
        """Return probabilities, (n, k), and their logits, (n, outputs), of (n, h, w, 3) uint8 pictures.

        Where members have reference cells, also what each of these says of distances, (n, models).

        Args:
            pictures: The same pictures, once, or framed in each way.
        """
        said = [
            member(*pictures) if place is None else member(pictures[place])
            for member, place in zip(self.members, self.places, strict=True)
        ]
        shares = self.rule(torch.stack([one[0] for one in said]))
        if self.classes.positive is None:
            logits = shares.clamp(min=LEAST).log()
        else:
            logits = log_odds(shares, self.classes.index(self.classes.positive), LEAST)
        far = [one[2].view(pictures[0].shape[0], -1) for one in said if len(one) > len(PAIR)]
        return (shares, logits, torch.cat(far, dim=1)) if far else (shares, logits)
