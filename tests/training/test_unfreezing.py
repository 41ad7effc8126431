from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from leukoscope.errors import SettingsError
from leukoscope.files import read_json
from leukoscope.models.building import build_patient_model
from leukoscope.models.cell_model import BATCH_NORMS
from leukoscope.models.network import Network
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings, Recipe
from leukoscope.training.display import SilentDisplay
from leukoscope.training.loop import Trained, train
from leukoscope.training.unfreezing import trained_in_stages, with_all_stages

STEPS = [["head"], ["layer2.0", "head"], ["layer1", "layer2.0", "head"], ["stem", "layer1", "layer2.0", "head"]]
GRADUALLY = [
    {"epochs": 1, "batch": 8, "train": "head", "rates": 1e-2},
    {
        "epochs": 1,
        "batch": 8,
        "train": ["layer1..layer2.0", "stem", "head"],
        "unfreeze": "gradually",
        "rates": {"layer2.0": 2e-3, "head": 5e-3, "others": 1e-3},
        "average_weights": 0.8,
    },
]


class KilledAfter(SilentDisplay):
    """Kills this process after some steps."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def step(self, loss: float | None) -> None:
        del loss
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="module")
def task(two_classes: Any) -> Any:
    return two_classes.with_recipe(stages=GRADUALLY)


def run(task: Any, folder: Path, **others: Any) -> Trained:
    return train(task.model(), task.train, task.validation, task.recipe, task.classes, seed=0, folder=folder, **others)


@pytest.fixture(scope="module")
def unbroken(task: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Trained, Path]:
    folder = tmp_path_factory.mktemp("unbroken")
    return run(task, folder, device="cpu"), folder


def stages_of(recipe: Recipe, model: Network) -> list[tuple[Any, Any, str]]:
    return [(stage.train, stage.rates, stage.unfreeze) for stage in with_all_stages(recipe, model).stages]


def test_a_stage_is_run_from_the_head_to_all_of_its_parts(task: Any) -> None:
    model = task.model()
    found = stages_of(task.recipe, model)
    assert found[0] == ("head", 1e-2, "at_once")
    assert [train for train, _, _ in found[1:]] == STEPS
    assert [rates for _, rates, _ in found[1:]] == [
        {"head": 5e-3, "others": 1e-3},
        *[{"layer2.0": 2e-3, "head": 5e-3, "others": 1e-3}] * 3,
    ]
    assert trained_in_stages(task.recipe, model) == [["head"], *STEPS]
    assert stages_of(with_all_stages(task.recipe, model), model) == found


@pytest.mark.parametrize(
    ("train", "expected"),
    [
        ("head", [["head"]]),
        (["layer1..layer2"], [["layer2"], ["layer1", "layer2"]]),
        (["layer2..head"], [["head"], ["layer2", "head"]]),
        ("all", [["head"], ["layer2", "head"], ["layer1", "layer2", "head"], ["stem", "layer1", "layer2", "head"]]),
    ],
)
def test_what_a_stage_does_not_train_stays_out(two_classes: Any, train: Any, expected: list[list[str]]) -> None:
    task = two_classes.with_recipe(stages=[{"epochs": 1, "train": train, "unfreeze": "gradually"}])
    assert trained_in_stages(task.recipe, task.model()) == expected


def test_a_fresh_head_is_made_once_and_learns_on(task: Any) -> None:
    stages = [GRADUALLY[0], GRADUALLY[1] | {"fresh_head": True}]
    found = with_all_stages(task.with_recipe(stages=stages).recipe, task.model()).stages
    assert [stage.fresh_head for stage in found] == [False, True, False, False, False]


def test_all_that_stands_behind_a_patient_s_backbone_comes_first(make_recipe: Any) -> None:
    bag = BagSettings(aggregator="attention", instances="cells", order="features")
    recipe = make_recipe(task="patients", stages=[{"epochs": 1, "unfreeze": "gradually"}])
    model, _ = build_patient_model(ModelSettings(backbone="test_resnet", cut="layer1"), bag, FactsSettings(), 1)
    behind = ["head", "aggregator"]
    steps = [behind, ["layer1", *behind], ["stem", "layer1", *behind]]
    assert trained_in_stages(recipe, model) == steps
    frozen = recipe.model_copy(update={"bag": bag.model_copy(update={"frozen": True}), "augmentation": []})
    assert trained_in_stages(frozen, model) == [behind]


def test_a_wrong_name_in_a_step_that_comes_later_is_said_before_anything_is_trained(
    two_classes: Any, tmp_path: Path
) -> None:
    stages = [{"epochs": 1, "train": ["layer1", "head"], "unfreeze": "gradually", "rates": {"layer1.7": 1e-3}}]
    with pytest.raises(SettingsError) as caught:
        run(two_classes.with_recipe(stages=stages), tmp_path)
    assert str(caught.value) == (
        "The network has no part 'layer1.7'.\n"
        "  where: stages.0.rates\n"
        "  what to do: Did you mean 'layer1.0'? Known: layer1, layer1.0."
    )
    assert not list(tmp_path.iterdir())


def test_a_rate_for_what_the_whole_stage_does_not_train_is_refused(two_classes: Any, tmp_path: Path) -> None:
    stages = [{"epochs": 1, "train": ["layer2", "head"], "unfreeze": "gradually", "rates": {"stem": 1, "others": 1}}]
    with pytest.raises(SettingsError, match="There is a rate for 'stem', which is not trained in this stage"):
        run(two_classes.with_recipe(stages=stages), tmp_path)


def test_each_step_counts_as_a_stage_of_its_own(unbroken: tuple[Trained, Path]) -> None:
    history = unbroken[0].history
    assert history["stage"].to_list() == [1, 2, 3, 4, 5]
    assert history["rate_head"].to_list() == [1e-2, 5e-3, 5e-3, 5e-3, 5e-3]
    assert history["rate_layer2.0"].to_list() == [None, None, 2e-3, 2e-3, 2e-3]
    assert history["rate_layer1"].to_list() == [None, None, None, 1e-3, 1e-3]
    assert history["rate_stem"].to_list() == [None, None, None, None, 1e-3]


def test_the_weights_names_are_those_of_the_network(unbroken: tuple[Trained, Path], task: Any) -> None:
    kept = load_file(unbroken[1] / "checkpoints" / "best" / "weights.safetensors")
    assert list(task.model().state_dict()) == list(unbroken[0].model.state_dict())
    task.model().load_state_dict(kept)


# 3 steps an epoch to learn from, 2 to score: within the first stage, between steps, within the last.
@pytest.mark.parametrize("steps", [2, 13, 24])
def test_killed_and_resumed_is_as_if_never_stopped(
    task: Any, unbroken: tuple[Trained, Path], tmp_path: Path, steps: int
) -> None:
    place = (task.train, task.validation, task.recipe, task.classes)
    process = multiprocessing.get_context("spawn").Process(
        target=train_and_be_killed, args=(task.model(), place, tmp_path, steps)
    )
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL
    state = tmp_path / "checkpoints" / "last" / "state.json"
    assert (len(read_json(state)["history"]) if state.is_file() else 0) < 5
    resumed = run(task, tmp_path, device="cpu")
    assert (tmp_path / "history.csv").read_bytes() == (unbroken[1] / "history.csv").read_bytes()
    ours, theirs = resumed.model.state_dict(), unbroken[0].model.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())


def train_and_be_killed(model: Any, place: tuple[Any, ...], folder: Path, steps: int) -> None:
    torch.set_num_threads(1)
    train(model, *place, seed=0, folder=folder, device="cpu", display=KilledAfter(steps))


@pytest.mark.parametrize("mode", ["frozen", "train"])
def test_statistics_of_a_fine_tuned_resnet50_stay_where_batch_norm_is_frozen(
    two_classes: Any, tmp_path: Path, mode: str
) -> None:
    settings = {"backbone": "resnet50", "cut": "layer3", "stride_in_first": True}
    stage = {"epochs": 1, "batch": 8, "train": ["layer3.5", "head"], "rates": 1e-3, "batch_norm": mode}
    task = two_classes.with_recipe(stages=[stage], model=settings, augmentation=[])
    model = task.model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    trained = train(model, task.train, task.validation, task.recipe, task.classes, seed=0, folder=tmp_path)
    moved = {name for name, value in trained.model.state_dict().items() if not torch.equal(value, before[name])}
    block = "backbone.net.layer3.5."
    statistics = {name for name in moved if name.rpartition(".")[2] in ("running_mean", "running_var")}
    assert {f"{block}conv1.weight", f"{block}bn1.weight", "head.linear.weight"} <= moved
    assert all(name.startswith((block, "head.")) for name in moved)
    assert (not statistics) == (mode == "frozen")
    norms = [module for module in model.train().modules() if isinstance(module, BATCH_NORMS)]
    assert sum(norm.training for norm in norms) == (0 if mode == "frozen" else 3)
