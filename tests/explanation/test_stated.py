from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, softmax

from leukoscope.cohort.classes import Classes
from leukoscope.evaluation.calibrators import Calibrator
from leukoscope.explanation.stated import stated_probability
from leukoscope.facts.late import LateFusion

TWO, THREE = Classes(("reactive", "tumoral"), positive="tumoral"), Classes(("a", "b", "c"))
LOGITS = np.array([[-1.0], [0.5]])


def test_the_calibration_counts_last() -> None:
    platt = Calibrator("platt", TWO.names, 40, slope=2.0, offset=-0.5)
    assert stated_probability(TWO, platt)(0, LOGITS, 0) == pytest.approx(expit(2 * LOGITS[:, 0] - 0.5))


def test_without_calibration_it_is_the_logistic_function() -> None:
    plain = stated_probability(TWO, Calibrator("none", TWO.names, 0))
    assert plain(0, LOGITS, 0) == pytest.approx(expit(LOGITS[:, 0]))


def test_of_several_classes_it_is_that_of_the_explained_one() -> None:
    logits = np.array([[0.1, 1.0, -1.0], [2.0, 0.0, 0.0]])
    cooler = Calibrator("temperature", THREE.names, 40, slope=0.5)
    assert stated_probability(THREE, cooler)(0, logits, 1) == pytest.approx(softmax(logits / 2, axis=1)[:, 1])


def test_a_late_fusion_sees_the_patients_own_facts() -> None:
    random = np.random.default_rng(0)
    logits, facts = random.normal(size=(40, 1)), random.normal(size=(40, 2)).astype(np.float32)
    truth = (logits[:, 0] + facts[:, 0] + random.normal(size=40) > 0).astype(np.int64)
    groups = [f"g{place}" for place in range(40)]
    late = LateFusion.fit(logits, facts, truth, groups=groups, names=["age", "sex=F"], seed=0)
    platt = Calibrator("platt", TWO.names, 40, slope=2.0, offset=-0.5)
    found = stated_probability(TWO, platt, late=late, facts=facts)(7, LOGITS, 0)
    assert found == pytest.approx(expit(2 * late.logits(LOGITS, facts[[7, 7]])[:, 0] - 0.5))
    assert not np.allclose(found, stated_probability(TWO, platt, late=late, facts=facts)(8, LOGITS, 0))
