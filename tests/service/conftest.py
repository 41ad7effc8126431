from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import polars as pl
import pytest
import torch
from starlette.testclient import TestClient
from torch import nn

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.bundles.ensemble_card import EnsembleCard
from leukoscope.bundles.ensemble_saving import save_ensemble
from leukoscope.bundles.loading import load_bundle
from leukoscope.bundles.opening import open_bundle
from leukoscope.bundles.reference import Reference, first_cells
from leukoscope.bundles.saving import save_bundle
from leukoscope.cohort.classes import Classes
from leukoscope.ensembles.weighted import Weighted
from leukoscope.evaluation.out_of_distribution import fit_out_of_distribution
from leukoscope.facts.encoding import FactsEncoder
from leukoscope.facts.late import LateFusion
from leukoscope.facts.logistic import LogisticModel
from leukoscope.models.building import build_model, build_patient_model
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings
from leukoscope.service.app import app_of
from leukoscope.service.limits import Limits
from leukoscope.service.served import Served
from leukoscope.service.settings import Settings
from leukoscope.training.looks import looks_of

TWO = Classes(("hem", "all"), ("normal cell", "leukaemic blast"), positive="all")
FRAMING = parse_framing([{"center_crop": 48}, {"resize": 32}])
MODEL = ModelSettings.model_validate({"backbone": "test_resnet", "cut": "layer2"})
FACTS = {"age": "linear", "count": "log", "sex": "category"}
PEOPLE = pl.DataFrame({"patient": ["P", "Q", "R"], "age": [20, 50, 90], "count": [4.5, 8, 90], "sex": ["F", "M", None]})
BASE = "http://127.0.0.1"


@pytest.fixture
def without_gc() -> Iterator[None]:
    """Only what nothing refers to is freed: circles of references are not looked for."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def picture(seed: int = 0, side: int = 60) -> bytes:
    """Return a PNG of noise."""
    pixels = np.random.default_rng(seed).integers(1, 256, (side, side, 3), dtype=np.uint8)
    return cv2.imencode(".png", pixels)[1].tobytes()


def form(number: int, start: int = 0, field: str = "pictures") -> list[tuple[str, tuple[str, bytes, str]]]:
    """Return so many pictures as a form's files."""
    return [(field, (f"folder/{place}.png", picture(place), "image/png")) for place in range(start, start + number)]


def _seeded(module: nn.Module | None) -> None:
    generator = torch.Generator().manual_seed(1)
    for parameter in module.parameters() if module is not None else ():
        nn.init.normal_(parameter, std=2.0, generator=generator)


def _with_reference(bundle: Bundle) -> Bundle:
    pictures = np.random.default_rng(5).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    looks = looks_of(bundle.model, pictures, bundle.device)
    nobody = pl.Series([None] * 10, dtype=pl.String)
    fitted = fit_out_of_distribution(looks[:30], looks[30:], nobody, (16, looks.shape[1] - 16))
    cells = first_cells(pl.DataFrame({"id": ["a", "b"], "patient": [None, None], "label": ["hem", "all"]}), 2)
    kept = [cv2.imencode(".jpg", one)[1].tobytes() for one in pictures[:2]]
    return replace(bundle, reference=Reference(fitted, cells, tuple(kept)))


def _cells(folder: Path, classes: Classes = TWO, seed: int = 3) -> Path:
    network, _ = build_model(MODEL, 1 if classes.binary else len(classes), seed=seed, size=(32, 32))
    _seeded(network.head)
    card = BundleCard(f"net{seed}", classes, FRAMING, MODEL, threshold=0.4 if classes.binary else None)
    save_bundle(folder, network, card)
    return folder


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle of cells of two classes, with training cells."""
    return _with_reference(load_bundle(_cells(tmp_path_factory.mktemp("bundles") / "cells")))


@pytest.fixture(scope="session")
def three(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle of cells of three classes."""
    return load_bundle(_cells(tmp_path_factory.mktemp("bundles") / "three", Classes(("a", "b", "c"))))


@pytest.fixture(scope="session")
def several(tmp_path_factory: pytest.TempPathFactory) -> AnyBundle:
    """A bundle of two models."""
    folder = tmp_path_factory.mktemp("several")
    members = {"first": _cells(folder / "1"), "second": _cells(folder / "2", seed=4)}
    weights = Weighted(tuple(members), (0.7, 0.3)).as_json()
    card = EnsembleCard("both", TWO, "average", weights, tuple(members), threshold=0.5, leakage=None)
    save_ensemble(folder / "both", members, card)
    return open_bundle(folder / "both")


@pytest.fixture(scope="session")
def patients(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle of patients with three facts, with training cells."""
    encoder = FactsEncoder.fit(PEOPLE, FACTS)
    names = ("pictures", *encoder.names)
    late = LogisticModel(names, (0.1,) * 8, (1.2,) * 8, ((0.9, *(0.4,) * 7),), (-0.3,), 1.0)
    bag, facts = BagSettings(), FactsSettings.model_validate({"fusion": "late", "inputs": FACTS})
    network, _ = build_patient_model(MODEL, bag, facts, 1, inputs=len(encoder.names), seed=3)
    _seeded(network.cells.head)
    settled = {"task": "patients", "bag": bag, "facts": facts, "encoder": encoder.as_json()}
    card = BundleCard("sick", TWO, FRAMING, MODEL, threshold=0.4, fusion=LateFusion(late).as_json(), **settled)
    folder = tmp_path_factory.mktemp("bundles") / "patients"
    save_bundle(folder, network, card)
    return _with_reference(load_bundle(folder))


@contextmanager
def serving(bundle: AnyBundle, **settings: Any) -> Iterator[TestClient]:
    """Serve a bundle; the client's ``app_state["served"]`` is what serves it."""
    served = Served(lambda: bundle, Settings(**settings))
    with TestClient(app_of(served), base_url=BASE) as client:
        served.loaded.result(60)
        client.app_state["served"] = served
        yield client


@pytest.fixture(scope="session")
def serve() -> Callable[..., AbstractContextManager[TestClient]]:
    """What serves a bundle with settings of its own."""
    return serving


@pytest.fixture(scope="session")
def asked(cells: Bundle) -> Iterator[TestClient]:
    """A service of the bundle of cells, whose requests are small."""
    with serving(cells, limits=Limits(megabytes=2, pictures=30, megapixels=0.5)) as client:
        yield client


@pytest.fixture(scope="session")
def asked_of_patients(patients: Bundle) -> Iterator[TestClient]:
    """A service of the bundle of patients."""
    with serving(patients) as client:
        yield client


@pytest.fixture(scope="session")
def pictures() -> Callable[..., Any]:
    """What makes the files of a form: how many, from which seed on, in which field."""
    return form


@pytest.fixture(scope="session")
def one_picture() -> Callable[..., bytes]:
    """What makes a PNG of noise: by seed and side."""
    return picture


def wait_for(what: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


@pytest.fixture(scope="session")
def until() -> Callable[..., None]:
    """What waits until something is so."""
    return wait_for
