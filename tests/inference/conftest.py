from __future__ import annotations

from pathlib import Path

import cv2
import polars as pl
import pytest
import torch
from torch import nn

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.loading import load_bundle
from leukoscope.bundles.saving import save_bundle
from leukoscope.cohort.classes import Classes
from leukoscope.drawn import reference_pictures
from leukoscope.facts.encoding import FactsEncoder
from leukoscope.models.building import build_model, build_patient_model
from leukoscope.models.probabilities import outputs_of
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings

PICTURES = 10
DRAWN = reference_pictures(40, PICTURES, seed=1)


def save_made(folder: Path, names: tuple[str, ...], threshold: float | None = None) -> Path:
    classes, settings = Classes(names), ModelSettings(backbone="test_resnet", cut="layer2")
    model, _ = build_model(settings, outputs_of(classes), seed=3)
    # The head starts near zero: with larger weights the probabilities differ from picture to picture.
    nn.init.normal_(model.head.get_parameter("linear.weight"), std=2.0, generator=torch.Generator().manual_seed(1))
    save_bundle(folder, model, BundleCard("first", classes, parse_framing([{"resize": 32}]), settings, threshold))
    return folder


FACTS = {"age": "linear", "count": "log", "sex": "category"}
ENCODER = FactsEncoder.fit(
    pl.DataFrame({"patient": ["P", "Q", "R"], "age": [20, 50, 90], "count": [4.5, 8, 90], "sex": ["F", "M", None]}),
    FACTS,
)


def save_of_patients(folder: Path, fusion: str, names: tuple[str, ...] = ("reactive", "tumoral")) -> Path:
    """Save an untrained bundle of patients: mean over pixels, with three facts unless ``fusion`` is none."""
    classes, settings = Classes(names), ModelSettings(backbone="test_resnet", cut="layer2")
    facts = FactsSettings.model_validate({"fusion": fusion, "inputs": {} if fusion == "none" else FACTS})
    inputs = 0 if fusion == "none" else len(ENCODER.names)
    model, _ = build_patient_model(settings, BagSettings(), facts, outputs_of(classes), inputs=inputs, seed=3)
    generator = torch.Generator().manual_seed(1)
    nn.init.normal_(model.cells.head.get_parameter("linear.weight"), std=2.0, generator=generator)
    for parameter in model.fusion.parameters() if model.fusion else []:
        nn.init.normal_(parameter, std=0.7, generator=generator)
    framing, encoder = parse_framing([{"resize": 32}]), ENCODER.as_json() if inputs else None
    save_bundle(
        folder, model, BundleCard("sick", classes, framing, settings, task="patients", facts=facts, encoder=encoder)
    )
    return folder


@pytest.fixture(scope="session")
def of_patients(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle of patients, of pictures alone."""
    return load_bundle(save_of_patients(tmp_path_factory.mktemp("made") / "bundle", "none"))


@pytest.fixture(scope="session")
def with_facts(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle of patients whose facts count."""
    return load_bundle(save_of_patients(tmp_path_factory.mktemp("made") / "bundle", "concatenate"))


@pytest.fixture(scope="session")
def three_of_patients(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle of patients with three classes."""
    return load_bundle(save_of_patients(tmp_path_factory.mktemp("made") / "bundle", "none", ("a", "b", "c")))


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """Four patients of 5, 3, 1 and no picture, a folder each; one picture of P1 cannot be read."""
    folder, drawn = tmp_path / "clinic", iter(DRAWN)
    for name, cells in (("P1", 5), ("P2", 3), ("P3", 1), ("P4", 0)):
        (folder / name).mkdir(parents=True)
        for number in range(cells):
            cv2.imwrite(str(folder / name / f"{number}.png"), next(drawn)[:, :, ::-1])
    (folder / "P1" / "1.png").write_bytes(b"")
    return folder


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def bundle_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_made(tmp_path_factory.mktemp("made") / "bundle", ("hem", "all"))


@pytest.fixture(scope="session")
def bundle(bundle_folder: Path) -> Bundle:
    return load_bundle(bundle_folder)


@pytest.fixture(scope="session")
def bundle_of_three(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return load_bundle(save_made(tmp_path_factory.mktemp("made") / "bundle", ("a", "b", "c")))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of ten pictures in two folders, one of another size, and things that are none."""
    folder = tmp_path / "pictures"
    (folder / "below").mkdir(parents=True)
    for number, pixels in enumerate(DRAWN):
        place = folder / "below" if number >= 6 else folder
        shown = pixels[:, :30] if number == 2 else pixels
        cv2.imwrite(str(place / f"cell_{number}.png"), shown[:, :, ::-1])
    (folder / "notes.txt").write_text("no picture", encoding="utf-8")
    return folder


@pytest.fixture
def damaged(pictures: Path) -> Path:
    """The same folder with four pictures that cannot be read."""
    (pictures / "cell_1.png").write_bytes(b"")
    whole = (pictures / "cell_3.png").read_bytes()
    (pictures / "cell_3.png").write_bytes(whole[: len(whole) // 2])
    (pictures / "page.jpg").write_text("<!doctype html><p>not found", encoding="utf-8")
    (pictures / ".hidden.jpg").write_bytes(b"junk")
    return pictures
