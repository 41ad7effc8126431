from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from leukoscope.cohort.classes import Classes
from leukoscope.models.building import build_patient_model
from leukoscope.models.patient_model import PatientModel
from leukoscope.models.trained_parts import parameter_groups, set_trained
from leukoscope.pictures.augmentation import parse_augmentation
from leukoscope.pictures.bags import BagData
from leukoscope.recipes.schema import BagSettings, StageSettings
from leukoscope.training.bag_batches import bag_batch
from leukoscope.training.cell_sources import pixel_source
from leukoscope.training.display import SilentDisplay
from leukoscope.training.learner import Learner
from leukoscope.training.loop import Trained, train
from leukoscope.training.objectives import make_objective
from leukoscope.training.optimisers import make_optimiser
from leukoscope.training.patients import PatientExamination, PatientLessons, patient_logits

CPU = torch.device("cpu")
SIZES = (1, 5, 3, 2, 4, 3, 4, 2)
STAGES = [{"epochs": 3, "batch": 3, "rates": 3e-3, "batch_norm": "frozen", "average_weights": 0.5}]
BAG = {"aggregator": "bn_sigmoid", "max_forward": 4}


class StopsAfter(SilentDisplay):
    def __init__(self, steps: int) -> None:
        self.left = steps

    def step(self, loss: float | None) -> None:
        del loss
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


class Listener(SilentDisplay):
    def __init__(self) -> None:
        self.losses: list[float | None] = []

    def step(self, loss: float | None) -> None:
        self.losses.append(loss)


@pytest.fixture(scope="module")
def patients(two_classes: Any) -> BagData:
    """Eight patients, each with cells of one class."""
    cells, labels = two_classes.train, np.arange(len(SIZES), dtype=np.int64) % 2
    places = {label: iter(np.flatnonzero(cells.labels == label)) for label in (0, 1)}
    chosen = [next(places[int(label)]) for label, size in zip(labels, SIZES, strict=True) for _ in range(size)]
    names = [f"P{place}" for place in range(len(SIZES))]
    return BagData(cells.subset(np.array(chosen)), np.array(SIZES), names, labels)


def lessons(patients: BagData, classes: Classes, **settings: Any) -> PatientLessons:
    changes, objective = (
        parse_augmentation([{"flip": 0.5}, {"rotate": 360}]),
        make_objective("none", patients.labels, classes),
    )
    return PatientLessons(patients, changes, objective, BagSettings.model_validate(BAG | settings), 0, CPU)


def model(task: Any, **settings: Any) -> PatientModel:
    bag = BagSettings.model_validate(BAG | settings)
    return build_patient_model(task.recipe.model, bag, task.recipe.facts, 1, seed=0)[0]


def learner(network: PatientModel, **settings: Any) -> Learner:
    stage = StageSettings.model_validate(STAGES[0] | {"average_weights": None} | settings)
    set_trained(network, stage.train, stage.batch_norm)
    return Learner(network, make_optimiser(parameter_groups(network, stage), stage), None, stage)


def weights(network: torch.nn.Module) -> torch.Tensor:
    return torch.cat([value.detach().flatten().clone() for value in network.parameters()])


FROZEN = {"aggregator": "gated_attention", "frozen": True}
DECAYING = STAGES[0] | {"batch_norm": "train", "optimizer": "adamw", "weight_decay": 0.1}


def run(
    task: Any, patients: BagData, folder: Path, *, frozen: bool = False, stages: list[Any] = STAGES, **others: Any
) -> Trained:
    changes: dict[str, Any] = {"bag": BAG, "stages": stages}
    if frozen:
        changes = {"bag": BAG | FROZEN, "stages": [DECAYING], "augmentation": []}
    recipe = task.with_recipe(task="patients", **changes).recipe
    network = model(task, **(FROZEN if frozen else {}))
    return train(network, patients, patients, recipe, task.classes, seed=0, folder=folder, device="cpu", **others)


def test_the_loss_is_the_mean_over_patients(two_classes: Any, patients: BagData) -> None:
    display = Listener()
    loss = lessons(patients, two_classes.classes).epoch(learner(model(two_classes)), epoch=1, done=0, display=display)
    assert loss == pytest.approx(np.average(display.losses, weights=[3, 3, 2]))  # type: ignore[arg-type]


@pytest.mark.parametrize("step", ["whole", "last"])
def test_steps_agree_on_stored_cells_with_augmentation_and_dropout(
    two_classes: Any, patients: BagData, step: str
) -> None:
    found = []
    for name in ("chunked", step):
        torch.rand(3)
        network = model(two_classes)
        network.cells.head.dropout.p = 0.2 if step == "whole" else 0.0
        learnt = learner(network, optimizer="sgd", rates=0.1)
        lessons(patients, two_classes.classes, step=name).epoch(learnt, epoch=1, done=0, display=SilentDisplay())
        found.append(weights(network))
    torch.testing.assert_close(found[0], found[1], rtol=1e-4, atol=1e-6)


def test_an_epoch_depends_on_its_number_alone(two_classes: Any, patients: BagData) -> None:
    found = []
    for epoch in (1, 1, 2):
        torch.rand(7)
        network = model(two_classes)
        lessons(patients, two_classes.classes).epoch(learner(network), epoch=epoch, done=0, display=SilentDisplay())
        found.append(weights(network))
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


def test_a_few_cells_a_patient_are_drawn_anew_each_epoch(two_classes: Any, patients: BagData) -> None:
    material, network = lessons(patients, two_classes.classes, cells=2), model(two_classes)
    assert material.cells(StageSettings(epochs=1)) == 2 * 8 - 1
    seen = [
        material.batch(network, patients, material.seen(network, epoch), epoch=epoch, step=0) for epoch in (1, 1, 2)
    ]
    assert seen[0].bags.sizes.tolist() == [1, 2, 2, 2, 2, 2, 2, 2]
    pixels = [batch.inputs(np.arange(15)) for batch in seen]
    assert torch.equal(pixels[0], pixels[1])
    assert not torch.equal(pixels[0], pixels[2])


def test_the_highest_ranked_cells_are_learnt_on(two_classes: Any, patients: BagData) -> None:
    plain = replace(lessons(patients, two_classes.classes), augmentation=parse_augmentation([]))
    network = model(two_classes).train()
    seen = plain.seen(network, 1)
    batch = replace(plain, settings=BagSettings(select=2)).batch(network, patients, seen, epoch=1, step=0)
    assert network.training
    assert batch.bags.sizes.tolist() == [1, 2, 2, 2, 2, 2, 2, 2]
    network.eval()
    with torch.no_grad():
        chosen = network.instances(batch.inputs(np.arange(15))).mean(dim=(1, 2))
        every = network.instances(plain.batch(network, patients, seen, epoch=1, step=0).inputs(np.arange(24))).mean(
            dim=(1, 2)
        )
    for ours, theirs in zip(chosen.split(batch.bags.sizes.tolist()), every.split(list(SIZES)), strict=True):
        torch.testing.assert_close(ours.sort().values, theirs.sort().values[-2:])


def test_an_examination_counts_its_chunks(two_classes: Any, patients: BagData) -> None:
    recipe = two_classes.with_recipe(task="patients", bag=BAG, test_time={"rotations": 4}).recipe
    objective = make_objective("none", patients.labels, two_classes.classes)
    examination = PatientExamination(patients, two_classes.classes, objective, recipe, "roc_auc", CPU)
    display, learnt = Listener(), learner(model(two_classes))
    found = examination.examine(learnt, display)
    assert display.losses == [None] * examination.steps(learnt)
    assert examination.steps(learnt) == 4 * 6  # four views of 24 cells by fours
    assert found.keys() >= {"loss", "roc_auc"}


def test_it_learns(two_classes: Any, patients: BagData, tmp_path: Path) -> None:
    trained = run(two_classes, patients, tmp_path)
    assert trained.history["loss"][-1] < trained.history["loss"][0]
    assert trained.history["validation_roc_auc"].max() > 0.8
    logits = patient_logits(trained.model, patients, CPU)  # type: ignore[arg-type]
    row = trained.history.row(trained.best_epoch - 1, named=True)
    assert ((logits[:, 0] >= 0) == (patients.labels == 1)).mean() == pytest.approx(row["validation_accuracy"])


def test_the_networks_own_logits_are_those_of_scoring(two_classes: Any, patients: BagData) -> None:
    network = model(two_classes).eval()
    batch = bag_batch(patients, pixel_source(CPU), CPU)
    with torch.no_grad():
        expected = network(batch.inputs(np.arange(24)), batch.bags).numpy()
    np.testing.assert_allclose(patient_logits(network, patients, CPU), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("steps", [2, 6, 12, 17])
def test_interrupted_and_resumed_is_as_if_never_stopped(
    two_classes: Any, patients: BagData, tmp_path: Path, steps: int, frozen: bool
) -> None:
    unbroken = run(two_classes, patients, tmp_path / "unbroken", frozen=frozen)
    with pytest.raises(KeyboardInterrupt):
        run(two_classes, patients, tmp_path / "broken", frozen=frozen, display=StopsAfter(steps))
    resumed = run(two_classes, patients, tmp_path / "broken", frozen=frozen)
    histories = [(tmp_path / name / "history.csv").read_bytes() for name in ("unbroken", "broken")]
    assert histories[0] == histories[1]
    assert torch.equal(weights(resumed.model), weights(unbroken.model))


@pytest.mark.parametrize("steps", [7, 13])
def test_rates_fall_on_a_plateau_of_patients_and_a_resumed_training_knows(
    two_classes: Any, patients: BagData, tmp_path: Path, steps: int
) -> None:
    stage = {"epochs": 4, "batch": 3, "optimizer": "rmsprop", "rates": 1e-30, "epsilon": 1e-7, "batch_norm": "frozen"}
    stages = [stage | {"schedule": {"kind": "plateau", "factor": 0.5, "patience": 1}}]
    unbroken = run(two_classes, patients, tmp_path / "unbroken", stages=stages)
    # Nothing changes at such a rate: no epoch is better than the first.
    assert unbroken.history["rate_head"].to_list() == [1e-30, 1e-30, 0.5e-30, 0.25e-30]
    with pytest.raises(KeyboardInterrupt):
        run(two_classes, patients, tmp_path / "broken", stages=stages, display=StopsAfter(steps))
    run(two_classes, patients, tmp_path / "broken", stages=stages)
    histories = [(tmp_path / name / "history.csv").read_bytes() for name in ("unbroken", "broken")]
    assert histories[0] == histories[1]


@pytest.mark.parametrize("step", ["whole", "last"])
@pytest.mark.parametrize("select", [None, 2])
def test_steps_agree_on_features(two_classes: Any, patients: BagData, step: str, select: int | None) -> None:
    found = []
    for name in ("chunked", step):
        network = model(two_classes, **FROZEN)
        network.cells.head.dropout.p = 0.2 if step == "whole" else 0.0
        learnt = learner(network, optimizer="sgd", rates=0.1, train=["head..aggregator"])
        material = lessons(patients, two_classes.classes, **FROZEN, step=name, cells=3, select=select)
        material.epoch(learnt, epoch=1, done=0, display=SilentDisplay())
        found.append(weights(network))
    torch.testing.assert_close(found[0], found[1], rtol=1e-4, atol=1e-6)
    assert not torch.equal(found[0], weights(model(two_classes, **FROZEN)))


@pytest.mark.parametrize("step", ["whole", "chunked", "last"])
@pytest.mark.parametrize("settings", [{}, {"cells": 2}, {"select": 1}, {"cells": 3, "select": 2}])
def test_an_epoch_on_features_is_one_on_pixels_with_the_backbone_kept(
    two_classes: Any, patients: BagData, step: str, settings: dict[str, int]
) -> None:
    found = []
    for frozen in (False, True):
        network = model(two_classes, **FROZEN)
        learnt = learner(network, optimizer="sgd", rates=0.1, train=["head..aggregator"])
        material = lessons(patients, two_classes.classes, **(FROZEN | {"frozen": frozen}), step=step, **settings)
        replace(material, augmentation=parse_augmentation([])).epoch(learnt, epoch=1, done=0, display=SilentDisplay())
        found.append(weights(network))
    torch.testing.assert_close(found[0], found[1], rtol=1e-4, atol=1e-6)


def test_no_epoch_asks_a_frozen_backbone_again(
    two_classes: Any, patients: BagData, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = model(two_classes, **FROZEN)
    learnt = learner(network, train=["head..aggregator"])
    material = lessons(patients, two_classes.classes, **FROZEN, select=2)
    material.seen(network, 1)
    monkeypatch.setattr(network, "cell_features", lambda _: pytest.fail("the backbone was asked again"))
    for epoch in (1, 2):
        material.epoch(learnt, epoch=epoch, done=epoch - 1, display=SilentDisplay())


def test_a_frozen_backbone_keeps_every_number(two_classes: Any, patients: BagData, tmp_path: Path) -> None:
    before = model(two_classes, **FROZEN).state_dict()
    trained = run(two_classes, patients, tmp_path, frozen=True)
    assert isinstance(trained.model, PatientModel)
    backbone = trained.model.cells.backbone.state_dict()
    assert any(name.endswith("running_mean") for name in backbone)
    assert all(torch.equal(value, before[f"cells.backbone.{name}"]) for name, value in backbone.items())
    learnt = [name for name, value in trained.model.state_dict().items() if not torch.equal(value, before[name])]
    assert learnt
    assert all(name.startswith(("cells.head.", "aggregator.")) for name in learnt)
    assert trained.model.frozen == {"stem", "layer1", "layer2"}
    assert trained.history["rate_layer2"].null_count() == trained.history.height


def test_frozen_it_learns_and_scores_alike_by_pixels(two_classes: Any, patients: BagData, tmp_path: Path) -> None:
    trained = run(two_classes, patients, tmp_path, frozen=True)
    assert trained.history["loss"][-1] < trained.history["loss"][0]
    by_pixels, by_features = (patient_logits(trained.model, patients, CPU, frozen=frozen) for frozen in (False, True))  # type: ignore[arg-type]
    np.testing.assert_allclose(by_features, by_pixels, rtol=1e-4, atol=1e-6)
