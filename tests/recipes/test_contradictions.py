from __future__ import annotations

from typing import Any

import pytest

from leukoscope.errors import SettingsError
from leukoscope.recipes.loading import load_recipe, recipe_names


@pytest.mark.parametrize(
    ("recipe", "changes", "message"),
    [
        (
            "quick",
            {"stages": []},
            (
                "There is no stage of training.\n"
                "  where: recipe quick\n"
                "  what to do: Give stages, or set model.head: logistic_regression."
            ),
        ),
        (
            "lyon-fusion",
            {"bag.order": "logits"},
            (
                "A logistic regression as head is fitted on what is aggregated of frozen features.\n"
                "  where: recipe lyon-fusion\n"
                "  what to do: Set task: patients, bag: {frozen: true, instances: cells, order: features}."
            ),
        ),
        (
            "lyon-fusion",
            {"stages": [{"epochs": 3}]},
            (
                "A logistic regression as head is fitted at once: there are no stages.\n"
                "  where: recipe lyon-fusion\n"
                "  what to do: Set stages: []."
            ),
        ),
        (
            "lyon-frozen",
            {"test_time.rotations": 8},
            (
                "Each cell is embedded once, as it lies (bag.frozen: true), and so can't have 8 rotations in scoring.\n"
                "  where: test_time.rotations\n"
                "  what to do: Set test_time.rotations: 1, or let the backbone learn (bag.frozen: false)."
            ),
        ),
        (
            "grisi2021",
            {"balance.sampling": "oversample"},
            (
                "Cells are sampled by their own class (balance.sampling: oversample), and patients are learnt.\n"
                "  where: recipe grisi2021\n"
                "  what to do: Set balance.sampling: none, and balance.loss_weights: balanced to weigh classes of "
                "patients alike."
            ),
        ),
        (
            "cnmc-best",
            {"balance.sampling": "subsample_and_augment"},
            (
                "A logistic regression as head is fitted to all cells, once each "
                "(balance.sampling: subsample_and_augment).\n"
                "  where: recipe cnmc-best\n"
                "  what to do: Set balance.sampling: none, and balance.loss_weights: balanced to weigh classes alike."
            ),
        ),
        (
            "quick",
            {"balance.sampling": "oversample", "balance.cells_per_class": 100},
            (
                "So many cells of each class (balance.cells_per_class): subsample_and_augment and to_number alone know "
                "that.\n"
                "  where: recipe quick\n"
                "  what to do: Set balance.sampling: to_number, or leave balance.cells_per_class out."
            ),
        ),
        (
            "quick",
            {"balance.sampling": "to_number"},
            (
                "Each class is to be seen a number of times (balance.sampling: to_number), and the number is missing.\n"
                "  where: recipe quick\n"
                "  what to do: Set balance.cells_per_class: 3000."
            ),
        ),
        (
            "cnmc-best",
            {"loss.focal": 2, "loss.mixup": 0.2},
            (
                "A logistic regression as head is fitted at once, with a loss of its own (loss.focal, loss.mixup).\n"
                "  where: recipe cnmc-best\n"
                "  what to do: Leave loss.focal and loss.mixup out, or set model.head: linear, with stages."
            ),
        ),
        (
            "quick",
            {"balance.beta": 0.9},
            (
                "Weights by the effective number of cells alone have a beta (balance.beta: 0.9).\n"
                "  where: recipe quick\n"
                "  what to do: Set balance.loss_weights: class_balanced, or leave balance.beta out."
            ),
        ),
        (
            "grisi2021",
            {"loss.mixup": 0.2},
            (
                "Cells are mixed with their labels (loss.mixup), and the labels here are of patients.\n"
                "  where: recipe grisi2021\n"
                "  what to do: Set loss.mixup: 0."
            ),
        ),
        (
            "quick",
            {"loss.mixup": 0.2, "model.measures": True},
            (
                "Two cells laid over each other (loss.mixup) have no outline: neither measures nor model.pool: cell.\n"
                "  where: recipe quick\n"
                "  what to do: Set loss.mixup: 0, or model.pool: average and model.measures: false."
            ),
        ),
        (
            "quick",
            {"loss.logit_adjustment": 1, "balance.sampling": "oversample"},
            (
                "Classes that are seen equally often (balance.sampling: oversample) have no frequency to adjust.\n"
                "  where: recipe quick\n"
                "  what to do: Set balance.sampling: none, or loss.logit_adjustment: 0."
            ),
        ),
        (
            "quick",
            {"loss.logit_adjustment": 1, "balance.loss_weights": "none", "stages.0.sampling": "class_balanced_batches"},
            (
                "Logits are adjusted to how often each class is seen (loss.logit_adjustment); one stage sees all "
                "alike.\n"
                "  where: recipe quick\n"
                "  what to do: Leave the stage's sampling out, or set loss.logit_adjustment: 0."
            ),
        ),
        (
            "quick",
            {"loss.logit_adjustment": 1},
            (
                "Rare classes would be made up for twice, by loss.logit_adjustment and by balance.loss_weights.\n"
                "  where: recipe quick\n"
                "  what to do: Set balance.loss_weights: none, or loss.logit_adjustment: 0."
            ),
        ),
        (
            "drawn-patients",
            {"classes.groups": {"any": ["normal", "blast"]}, "classes.lineages": {"one": ["normal", "blast"]}},
            (
                "Groups of classes are scored cell by cell (classes.groups, classes.lineages), and patients are "
                "learnt.\n"
                "  where: recipe drawn-patients\n"
                "  what to do: Leave classes.groups and classes.lineages out."
            ),
        ),
        (
            "quick",
            {"balance.loss_weights": "balanced", "stages.0.sampling": "class_balanced_batches"},
            (
                "Classes would be made equal twice, by stages.0.sampling and by balance.loss_weights.\n"
                "  where: recipe quick\n"
                "  what to do: Set balance.loss_weights: none, or leave stages.0.sampling out."
            ),
        ),
        (
            "quick",
            {"stages.1.fresh_head": True, "stages.1.train": ["layer4"]},
            (
                "A head at random (stages.1.fresh_head) that the stage does not train would call at random.\n"
                "  where: recipe quick\n"
                "  what to do: Set stages.1.train: head, or leave stages.1.fresh_head out."
            ),
        ),
        (
            "grisi2021",
            {"stages.0.fresh_head": True},
            (
                "A head is made anew for networks of cells (stages.0.fresh_head), and patients are learnt.\n"
                "  where: recipe grisi2021\n"
                "  what to do: Set stages.0.fresh_head: false."
            ),
        ),
        (
            "quick",
            {"balance.bagging.parts": 3},
            (
                "Parts and copies of a class (balance.bagging): balance.sampling: bagging_variation alone knows "
                "these.\n"
                "  where: recipe quick\n"
                "  what to do: Set balance.sampling: bagging_variation, or leave balance.bagging out."
            ),
        ),
        (
            "quick",
            {"balance.sampling": "bagging_variation", "balance.bagging.part": 2},
            (
                "There is no part 2 of 2 (balance.bagging.part): they are counted from 0.\n"
                "  where: recipe quick\n"
                "  what to do: Set balance.bagging.part to 0 to 1, or balance.bagging.parts to more."
            ),
        ),
        (
            "quick",
            {
                "model.pool": "cell",
                "augmentation": [{"flip": 0.5}],
                "balance.sampling": "bagging_variation",
                "balance.bagging.copies": [{"rotate": 360}, {"noise": 0.02}],
            },
            (
                "Pooling over the cell (model.pool: cell) knows the background by its pure black, which "
                "noise would light up in training and not in scoring.\n"
                "  where: recipe quick\n"
                "  what to do: Leave noise out of augmentation, or set model.pool: average."
            ),
        ),
        (
            "cnmc-best",
            {"framing": [{"clahe": {}}, {"resize": 64}]},
            (
                "Pooling over the cell (model.pool: cell) knows the background by its pure black, which clahe lights "
                "up.\n"
                "  where: recipe cnmc-best\n"
                "  what to do: Leave clahe out of framing, or set model.pool: average."
            ),
        ),
        (
            "grisi2021",
            {"test_time.rotations": 8, "test_time.adaptive": True},
            (
                "Views are spared cell by cell (test_time.adaptive: true), and a patient is diagnosed from all cells.\n"
                "  where: recipe grisi2021\n"
                "  what to do: Set test_time.adaptive: false."
            ),
        ),
        (
            "quick",
            {"test_time.adaptive": True},
            (
                "There is one view of a cell, so none can be spared (test_time.adaptive: true).\n"
                "  where: recipe quick\n"
                "  what to do: Set test_time.adaptive: false, or more views: test_time.rotations: 8."
            ),
        ),
        (
            "cnmc-best",
            {"augmentation": [{"flip": 0.5}, {"rotate": 360}]},
            (
                "A logistic regression as head learns from cells as they lie, without changes (flip, rotate).\n"
                "  where: recipe cnmc-best\n"
                "  what to do: Set augmentation: [], and average views instead: test_time.rotations, test_time.flips."
            ),
        ),
        (
            "cnmc-best",
            {"test_time.mean": "probabilities"},
            (
                "A logistic regression as head learns from the mean of a cell's views, which is that of their logits.\n"
                "  where: recipe cnmc-best\n"
                "  what to do: Set test_time.mean: logits."
            ),
        ),
        (
            "cnmc-best",
            {"test_time.rotations": 8, "test_time.adaptive": True},
            (
                "A logistic regression as head learns from the validation part too: "
                "no rule for views can be fixed there.\n"
                "  where: recipe cnmc-best\n"
                "  what to do: Set test_time.adaptive: false."
            ),
        ),
        (
            "quick",
            {"balance.patients": "equal"},
            (
                "Patients weigh the same (balance.patients: equal) only in a head that is fitted to cells at once.\n"
                "  where: recipe quick\n"
                "  what to do: Set balance.patients: by_cells, or task: cells and model.head to one of "
                "logistic_regression, svm, forest, mlp, prototypes."
            ),
        ),
        (
            "quick",
            {"model.pool_stages": ["stem"]},
            (
                "model.pool_stages and model.pool_rim are of pooling over the cell, which was not asked for.\n"
                "  where: recipe quick\n"
                "  what to do: Set model.pool: cell."
            ),
        ),
        (
            "grisi2021",
            {"model.pool": "cell"},
            (
                "Means and deviations over the cell (model.pool: cell) are of a whole cell, "
                "and the instances are pixels.\n"
                "  where: recipe grisi2021\n"
                "  what to do: Set bag.instances: cells, or model.pool: average."
            ),
        ),
        (
            "quick",
            {"model.pool": "cell", "augmentation": [{"contrast": 0.1}, {"noise": 0.02}]},
            (
                "Pooling over the cell (model.pool: cell) knows the background by its pure black, which "
                "contrast, noise would light up in training and not in scoring.\n"
                "  where: recipe quick\n"
                "  what to do: Leave contrast and noise out of augmentation, or set model.pool: average."
            ),
        ),
        (
            "cnmc-best",
            {"model.pool_stages": ["stem", "stem"]},
            (
                "A stage that is pooled over the cell stands twice (model.pool_stages).\n"
                "  where: recipe cnmc-best\n"
                "  what to do: Name each stage once."
            ),
        ),
        (
            "cnmc-best",
            {"model.dropout": 0.5},
            (
                "A logistic regression as head is fitted at once, without dropout.\n"
                "  where: recipe cnmc-best\n"
                "  what to do: Set model.dropout: 0; the strength of the penalty is chosen by itself."
            ),
        ),
    ],
)
def test_what_cannot_stand_together_is_refused(recipe: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_recipe(recipe, changes)
    assert str(caught.value) == message


def test_no_recipe_of_the_library_contradicts_itself() -> None:
    assert all(load_recipe(name).name == name for name in recipe_names())
