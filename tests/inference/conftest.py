from __future__ import annotations

from pathlib import Path

import cv2
import pytest
import torch
from torch import nn

from leukoscope.bundles.bundle import Bundle
from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.loading import load_bundle
from leukoscope.bundles.saving import save_bundle
from leukoscope.cohort.classes import Classes
from leukoscope.drawn import reference_pictures
from leukoscope.models.building import build_model
from leukoscope.models.probabilities import outputs_of
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import ModelSettings

PICTURES = 10


def save_made(folder: Path, names: tuple[str, ...], threshold: float | None = None) -> Path:
    classes, settings = Classes(names), ModelSettings(backbone="test_resnet", cut="layer2")
    model, _ = build_model(settings, outputs_of(classes), seed=3)
    # The head starts near zero: with larger weights the probabilities differ from picture to picture.
    nn.init.normal_(model.head.get_parameter("linear.weight"), std=2.0, generator=torch.Generator().manual_seed(1))
    save_bundle(folder, model, BundleCard("first", classes, parse_framing([{"resize": 32}]), settings, threshold))
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
    for number, pixels in enumerate(reference_pictures(40, PICTURES, seed=1)):
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
