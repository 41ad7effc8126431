"""The recipes of the transfer fit each other: what one leaves the other takes, without a training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leukoscope.bundles.card import BundleCard
from leukoscope.cohort.classes import Classes
from leukoscope.errors import LeukoscopeError
from leukoscope.files import write_json
from leukoscope.models.seals import seals_of
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.loading import load_recipe
from leukoscope.runs.starting import AUTO, started_from


def card_of(folder: Path, patch: list[str], side: int) -> Path:
    """Write the card that a run of the first recipe leaves, its centre square as found in the pictures; no weights."""
    recipe = load_recipe("kukielka2021-aml", patch)
    assert recipe.framing[0] == AUTO
    framing = parse_framing([{"center_crop": side}, *recipe.framing[1:]])
    card = BundleCard("aml", Classes(("a", "b", "c")), framing, recipe.model, auto_crop=True)
    fields: dict[str, Any] = {"format": 1, **card.as_json(), "outputs": 3, "versions": {}, "files": {}}
    fields["normalisation"] = {"mean": [0.5] * 3, "std": [0.5] * 3}
    write_json(folder / "bundle.json", fields | {"seals": seals_of(fields)})
    return folder


@pytest.mark.parametrize("patch", [[], ["patch=small"]], ids=["none", "small"])
def test_the_transfer_starts_from_a_run_of_its_first_recipe(tmp_path: Path, patch: list[str]) -> None:
    bundle = card_of(tmp_path, patch, side=400)
    asked = load_recipe("kukielka2021-pbc", [*patch, f"start_from={bundle}"])
    found = started_from(asked, None)
    assert found.model.weights == str(bundle)
    assert found.framing == asked.framing == load_recipe("kukielka2021-aml", patch).framing
    assert found.model.model_copy(update={"weights": None}) == asked.model
    assert (found.model.activation, found.model.cut) == ("leaky_relu", "layer3" if patch else None)
    without = started_from(load_recipe("kukielka2021-pbc", [*patch, f"start_from={bundle}", "framing=[]"]), None)
    assert without.framing == asked.framing


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ("model.activation=own", "Set model.activation=leaky_relu, or name other weights."),
        ("model.cut=null", "Set model.cut=layer3, or name other weights."),
        ("framing=[{center_crop: auto}, {resize: 96}]", "where this recipe has center_crop auto, then resize 96."),
        ("framing=[{center_crop: 350}, {resize: 112}]", "center_crop auto, then resize 112, where this recipe has"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, change: str, refusal: str) -> None:
    bundle = card_of(tmp_path, ["patch=small"], side=350)
    asked = load_recipe("kukielka2021-pbc", ["patch=small", f"start_from={bundle}", change])
    with pytest.raises(LeukoscopeError) as caught:
        started_from(asked, None)
    assert refusal in str(caught.value)
