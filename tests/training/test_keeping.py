from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from leukoscope.training.keeping import computing_on, decisive_settings


def changed(task: Any, **others: Any) -> set[str]:
    """Return the names of the settings that differ from the task's own."""
    other = replace(task, **others)
    own, found = (
        decisive_settings(each.recipe, each.classes, each.train, each.validation, 0) for each in (task, other)
    )
    return {name for name in own if own[name] != found[name]}


def test_what_decides_the_result_is_told_apart_by_name(two_classes: Any) -> None:
    data = two_classes.train
    relabelled = replace(data, labels=1 - data.labels)
    reversed_order = data.subset(np.arange(len(data))[::-1])
    assert changed(two_classes) == set()
    assert changed(two_classes, train=relabelled) == {"training cells"}
    assert changed(two_classes, validation=reversed_order) == {"validation cells"}
    assert changed(two_classes.with_recipe(stages=[{"epochs": 7}]), recipe=two_classes.recipe) == {"stages"}
    renamed = two_classes.recipe.model_copy(update={"name": "other"})
    assert changed(two_classes, recipe=renamed) == set()


def test_equal_bits_need_device_threads_and_version() -> None:
    assert computing_on(torch.device("cpu")) == {"device": "cpu", "threads": 1, "torch": torch.__version__}
