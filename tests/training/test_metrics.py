from __future__ import annotations

import numpy as np
import pytest

from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError
from leukoscope.training.metrics import cell_scores, check_metric, metric_names

TWO, THREE = Classes(("hem", "all")), Classes(("a", "b", "c"))


def test_metrics_are_those_of_evaluation_and_the_loss() -> None:
    labels, probabilities = np.array([0, 0, 1, 1]), np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.1, 0.9]])
    found = cell_scores(labels, probabilities, TWO)
    assert {"loss", *found} == set(metric_names(TWO))
    assert found["accuracy"] == 0.75
    assert (found["sensitivity"], found["specificity"]) == (1, 0.5)
    assert found["roc_auc"] == 1


def test_an_area_is_not_defined_for_one_class_alone() -> None:
    found = cell_scores(np.array([1, 1]), np.array([[0.9, 0.1], [0.4, 0.6]]), TWO)
    assert found["roc_auc"] is None
    assert found["accuracy"] == 0.5


def test_a_wrong_name_offers_the_nearest() -> None:
    with pytest.raises(SettingsError, match=r"There is no metric 'acuracy'\.") as caught:
        check_metric("acuracy", TWO)
    assert "Did you mean 'accuracy'?" in str(caught.value)


def test_sensitivity_needs_two_classes() -> None:
    assert check_metric("sensitivity", TWO) == "sensitivity"
    with pytest.raises(SettingsError, match=r"The metric 'sensitivity' is for two classes; there are 3\."):
        check_metric("sensitivity", THREE)
