"""Both recipes of the page load a file of DinoBloom's layout, once frozen and once to be fine-tuned."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from leukoscope.cohort.classes import Classes
from leukoscope.models.building import build_network
from leukoscope.models.cell_model import CellModel
from leukoscope.models.known_weights import DINOBLOOM
from leukoscope.models.seen import seen_by_weights
from leukoscope.models.timm_backbones import create_backbone, has_published_weights
from leukoscope.models.trained_parts import set_trained
from leukoscope.recipes.loading import parse_recipe
from leukoscope.recipes.schema import Recipe

SMALL = "test_vit"


@pytest.fixture(scope="module")
def page(project: Path) -> str:
    return (project / "docs" / "how-to" / "start-from-dinobloom.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file as DINOv2's training leaves it, of a small network, its positions for smaller pictures."""
    folder = tmp_path_factory.mktemp("weights")
    state = create_backbone(SMALL).net.state_dict()
    state["pos_embed"] = state["pos_embed"][:, : 1 + 25]
    teacher = {f"backbone.{name}": value for name, value in state.items()}
    teacher["backbone.mask_token"] = torch.zeros(1, state["pos_embed"].shape[-1])
    heads = {f"{head}.mlp.0.weight": torch.zeros(2, 2) for head in ("dino_head", "ibot_head")}
    torch.save({"teacher": teacher | heads}, folder / "DinoBloom-S.pth")
    return folder


def recipes(page: str) -> dict[str, Recipe]:
    """Return the page's recipes with the small network in place of the large one."""
    found: dict[str, Recipe] = {}
    for text in re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        content: dict[str, Any] = yaml.safe_load(text)
        assert parse_recipe(content, where="page").model.backbone == "vit_small_patch14_dinov2"
        content["model"]["backbone"] = SMALL
        found[content["name"]] = parse_recipe(content, where="page")
    return found


@pytest.mark.parametrize(("name", "learns"), [("dinobloom-frozen", False), ("dinobloom-tuned", True)])
def test_the_file_is_loaded_known_and_frozen_or_learns(page: str, weights: Path, name: str, learns: bool) -> None:
    recipe = recipes(page)[name]
    model, note = build_network(recipe, Classes(("a", "b", "c")), weights_folder=weights)
    assert (note.source, note.licence, note.sets) == ("DinoBloom-S.pth", "Apache-2.0", DINOBLOOM.sets)
    assert seen_by_weights(recipe.model, weights).sets == DINOBLOOM.sets
    assert isinstance(model, CellModel)
    stored = torch.load(weights / "DinoBloom-S.pth", weights_only=True)["teacher"]["backbone.blocks.0.attn.qkv.weight"]
    assert torch.equal(model.backbone.get_parameter("net.blocks.0.attn.qkv.weight"), stored)
    first, last = recipe.stages[0], recipe.stages[-1]
    assert set_trained(model, first.train) == ["head"]
    set_trained(model, last.train)
    assert {parameter.requires_grad for parameter in model.backbone.parameters()} == {learns}


def test_its_networks_are_ones_that_there_are(page: str) -> None:
    rows = re.findall(r"^\| `(DinoBloom-\w\.pth)` \| `(\w+)` \|", page, re.MULTILINE)
    assert [name for name, _ in rows] == [f"DinoBloom-{size}.pth" for size in "SBLG"]
    assert all(has_published_weights(network) for _, network in rows)
