from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import polars as pl
import pytest
import torch
from torch import nn

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.bundles.ensemble_card import EnsembleCard
from leukoscope.bundles.ensemble_saving import save_ensemble
from leukoscope.bundles.opening import open_bundle
from leukoscope.bundles.reference import Reference, first_cells
from leukoscope.bundles.saving import save_bundle
from leukoscope.cohort.classes import Classes
from leukoscope.ensembles import RULES
from leukoscope.ensembles.weighted import Weighted
from leukoscope.evaluation.calibrators import Calibrator
from leukoscope.evaluation.out_of_distribution import fit_out_of_distribution
from leukoscope.exporting import Exported, export_bundle
from leukoscope.exporting.answers import answer_of
from leukoscope.exporting.exporting import graph_of
from leukoscope.exporting.graph import Graph
from leukoscope.exporting.trials import feed_of, trials_of
from leukoscope.facts.encoding import FactsEncoder
from leukoscope.facts.late import LateFusion
from leukoscope.facts.logistic import LogisticModel
from leukoscope.models.building import build_model, build_patient_model
from leukoscope.models.fitted import FittedHead
from leukoscope.models.probabilities import outputs_of, probabilities
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings
from leukoscope.recipes.schema import TestTimeSettings as TimeSettings
from leukoscope.training.looks import looks_of

FACTS = {"age": {"kind": "linear", "most": 80.0}, "count": "log", "sex": "category"}
ENCODER = FactsEncoder.fit(
    pl.DataFrame({"patient": ["P", "Q", "R"], "age": [20, 50, 90], "count": [4.5, 8, 90], "sex": ["F", "M", None]}),
    FACTS,
)
NAMES = ("pictures", *ENCODER.names)
LATE = LateFusion(
    LogisticModel(NAMES, (0.1,) * len(NAMES), (1.2,) * len(NAMES), ((0.9, *(0.4,) * (len(NAMES) - 1)),), (-0.3,), 1.0)
)
PLATT = Calibrator("platt", ("hem", "all"), 30, slope=0.7, offset=0.2)


def seeded(*modules: nn.Module | None, std: float) -> None:
    """Give weights that tell pictures apart: fresh heads start near zero."""
    generator = torch.Generator().manual_seed(1)
    for module in modules:
        for parameter in module.parameters() if module is not None else ():
            nn.init.normal_(parameter, std=std, generator=generator)


def once(make: Callable[..., Path]) -> Callable[..., Path]:
    """Make what is asked for again only once."""

    def made(maker: Maker, *asked: Any, **further: Any) -> Path:
        key = repr((make.__name__, asked, sorted(further.items())))
        if key not in maker.made:
            maker.made[key] = make(maker, *asked, **further)
        return maker.made[key]

    return made


class Maker:
    """Makes tiny untrained bundles in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.number = folder, 0
        self.made: dict[str, Path] = {}

    def place(self) -> Path:
        self.number += 1
        return self.folder / str(self.number)

    @once
    def cells(
        self,
        names: tuple[str, ...] = ("hem", "all"),
        *,
        framing: tuple[dict[str, Any], ...] = ({"center_crop": 48}, {"resize": 32}),
        seed: int = 3,
        model: dict[str, Any] | None = None,
        **card: Any,
    ) -> Path:
        """Save a bundle of cells."""
        settings = ModelSettings.model_validate({"backbone": "test_resnet", "cut": "layer2", **(model or {})})
        classes = Classes(names)
        framed = parse_framing(framing)
        network, _ = build_model(settings, outputs_of(classes), seed=seed, size=framed.size)
        if not isinstance(network.head, FittedHead):
            seeded(network.head, std=2.0)
        threshold = 0.4 if classes.binary else None
        folder = self.place()
        save_bundle(
            folder, network, BundleCard(f"net{seed}", classes, framed, settings, **({"threshold": threshold} | card))
        )
        return folder

    @once
    def patients(
        self,
        fusion: str = "none",
        *,
        aggregator: Any = "mean",
        names: tuple[str, ...] = ("hem", "all"),
        bag: dict[str, Any] | None = None,
        model: dict[str, Any] | None = None,
        **card: Any,
    ) -> Path:
        """Save a bundle of patients; with three facts unless ``fusion`` is none."""
        settings = ModelSettings.model_validate({"backbone": "test_resnet", "cut": "layer2", **(model or {})})
        classes = Classes(names)
        bagging = BagSettings.model_validate({"aggregator": aggregator, **(bag or {})})
        facts = FactsSettings.model_validate({"fusion": fusion, "inputs": {} if fusion == "none" else FACTS})
        inputs = 0 if fusion == "none" else len(ENCODER.names)
        network, _ = build_patient_model(settings, bagging, facts, outputs_of(classes), inputs=inputs, seed=3)
        seeded(network.cells.head, network.fusion, std=0.5)
        further = {
            "encoder": ENCODER.as_json() if inputs else None,
            "fusion": LATE.as_json() if fusion == "late" else None,
        }
        folder, framing = self.place(), parse_framing([{"resize": 32}])
        made = BundleCard(
            "sick", classes, framing, settings, task="patients", bag=bagging, facts=facts, **(further | card)
        )
        save_bundle(folder, network, made)
        return folder

    def several(self, rule: str = "average", fitted: Any = None, members: dict[str, Path] | None = None) -> Path:
        """Save a bundle of several models."""
        named = members or {"first": self.cells(seed=3), "second": self.cells(seed=4, framing=({"resize": 32},))}
        weights = Weighted(tuple(named), (0.7, 0.3)) if fitted is None else fitted
        card = EnsembleCard(
            "both", Classes(("hem", "all")), rule, weights.as_json(), tuple(named), threshold=0.5, leakage=None
        )
        folder = self.place()
        save_ensemble(folder, named, card)
        return folder


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def maker(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """What makes tiny bundles."""
    return Maker(tmp_path_factory.mktemp("bundles"))


@pytest.fixture(scope="session")
def of_cells(maker: Maker, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Exported]:
    """A bundle with all that cells can have in a graph, exported both ways."""
    made = maker.cells(
        model={"pool": "cell", "pool_stages": ["layer1", "layer2"], "pool_rim": 1},
        test_time=TimeSettings(rotations=3, flips="horizontal", mean="probabilities"),
        calibrator=PLATT.as_json(),
        leakage="twins on both sides",
    )
    bundle = with_reference(open_bundle(made))
    return bundle, export_bundle(bundle, tmp_path_factory.mktemp("cells") / "out", to=["onnx", "openvino"])


@pytest.fixture(scope="session")
def of_patients(maker: Maker, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Exported]:
    """A bundle of patients with facts and attention over all cells, exported both ways."""
    bundle = open_bundle(
        maker.patients(
            "late", aggregator="self_attention", bag={"instances": "cells"}, calibrator=PLATT.as_json(), threshold=0.5
        )
    )
    return bundle, export_bundle(bundle, tmp_path_factory.mktemp("patients") / "out", to=["onnx", "openvino"])


@pytest.fixture(scope="session")
def of_several(maker: Maker, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Exported]:
    """Two models of different kinds, of which the surest decides."""
    classes = Classes(("hem", "all"))
    fitted = RULES["most_confident"]().restored(
        {"calibrators": None, "decided": {}}, members=("svm", "usual"), classes=classes
    )
    members = {"svm": maker.cells(model={"head": "svm"}), "usual": maker.cells(framing=({"resize": 32},))}
    bundle = open_bundle(maker.several("most_confident", fitted, members))
    return bundle, export_bundle(bundle, tmp_path_factory.mktemp("several") / "out")


@pytest.fixture(scope="session")
def knowing() -> Callable[[Bundle], Bundle]:
    """What gives a bundle training cells."""
    return with_reference


@pytest.fixture(scope="session")
def agree() -> Callable[..., Graph]:
    """What compares a bundle with the module of its graph."""
    return agreeing


def with_reference(bundle: Bundle) -> Bundle:
    """Return a bundle that keeps training cells: drawn pictures, of which some lie within the limit."""
    height, width = bundle.card.input_size
    pictures = np.random.default_rng(5).integers(0, 256, (40, height, width, 3), dtype=np.uint8)
    looks = looks_of(bundle.model, pictures, bundle.device)
    widths = (16, looks.shape[1] - 16)
    fitted = fit_out_of_distribution(looks[:30], looks[30:], pl.Series([None] * 10, dtype=pl.String), widths)
    cells = first_cells(pl.DataFrame({"id": ["a", "b"], "patient": [None, None], "label": ["hem", "all"]}), 2)
    kept = [cv2.imencode(".jpg", picture)[1].tobytes() for picture in pictures[:2]]
    return replace(bundle, reference=Reference(fitted, cells, tuple(kept)))


def agreeing(bundle: AnyBundle, atol: float = 2e-6) -> Graph:
    """Ask a bundle and the module of its graph the same, and compare; return the graph."""
    graph = graph_of(bundle)
    for trial in trials_of(bundle):
        feed, said = feed_of(bundle, graph, trial), answer_of(bundle, trial)
        with torch.inference_mode():
            found = graph.module(*(torch.from_numpy(feed[one.name]) for one in graph.inputs))
        outputs = dict(zip((one.name for one in graph.outputs), found, strict=True))
        np.testing.assert_allclose(outputs["probabilities"], said.probabilities, atol=atol)
        np.testing.assert_allclose(outputs["probabilities"].sum(dim=1), 1, atol=1e-5)
        if said.logits is not None:
            np.testing.assert_allclose(outputs["logits"], said.logits, atol=1e-4)
        elif isinstance(bundle, Bundle):  # of more than two classes: predict states none
            shares = probabilities(outputs["logits"].double(), bundle.classes)
            np.testing.assert_allclose(shares, said.probabilities, atol=atol)
        if said.distances is not None:
            name = "distance" if said.distances.ndim == 1 else "distances"
            np.testing.assert_allclose(outputs[name], said.distances, rtol=1e-3)
    return graph
