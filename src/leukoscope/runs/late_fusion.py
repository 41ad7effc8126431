"""Late fusion within a run: logits that no network gave of a patient it learnt from, and regressions on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from leukoscope.facts.folds import Ints, patient_folds
from leukoscope.facts.late import LateFusion
from leukoscope.facts.logistic import Floats
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures.bags import BagData


@dataclass(frozen=True)
class Learners:
    """Training patients as logistic regressions take them.

    Args:
        facts: (b, f) float32, encoded; f may be 0.
        names: The f columns.
        truth: (b,) int64, as ``facts.targets`` returns it.
        groups: The linked group of each patient.
        balanced: Whether each class weighs the same in all.
        seed: Of the folds.
    """

    facts: npt.NDArray[np.float32]
    names: Sequence[str]
    truth: Ints
    groups: Sequence[str]
    balanced: bool
    seed: int

    def fuse(self, logits: Floats, rows: npt.NDArray[np.bool_] | None = None, *, facts: bool = True) -> LateFusion:
        """Fit late fusion.

        Args:
            logits: (b, outputs), out of fold.
            rows: The patients to learn from, (b,); all where None.
            facts: Whether the facts count, or the logits alone.
        """
        chosen = np.ones(len(self.truth), dtype=bool) if rows is None else rows
        groups = [group for group, one in zip(self.groups, chosen, strict=True) if one]
        numbers = self.facts[chosen] if facts else np.empty((int(chosen.sum()), 0), dtype=np.float32)
        return LateFusion.fit(
            logits[chosen],
            numbers,
            self.truth[chosen],
            groups=groups,
            names=self.names if facts else (),
            seed=self.seed,
            balanced=self.balanced,
        )

    def cross_fused(self, logits: Floats, folds: int) -> Floats:
        """Return each patient's fused logit, (b, outputs), by a fusion that did not learn from the patient's group."""
        fold = patient_folds(self.truth, self.groups, folds, self.seed)
        found = np.empty_like(logits)
        for one in np.unique(fold):
            late = self.fuse(logits, fold != one)
            found[fold == one] = late.logits(logits[fold == one], self.facts[fold == one])
        return found


def out_of_fold_logits(
    learn: Callable[[BagData, Path], PatientModel],
    logits_of: Callable[[PatientModel, BagData], np.ndarray],
    data: BagData,
    learners: Learners,
    folds: int,
) -> Floats:
    """Return the training patients' logits, each of a network that did not learn from the patient's linked group.

    Args:
        learn: Trains a network on some of the patients in a folder below the run's (``folds/0``), or returns the one
            that was trained there before.
        logits_of: What a network says of patients.
        data: The b training patients.
        learners: The same b patients.
        folds: How many; fewer where a class has fewer linked groups.

    Returns:
        (b, outputs) float64.
    """
    fold = patient_folds(learners.truth, learners.groups, folds, learners.seed)
    found: Floats | None = None
    for number in np.unique(fold).tolist():
        model = learn(data.subset(np.flatnonzero(fold != number)), Path("folds") / str(number))
        logits = logits_of(model, data.subset(np.flatnonzero(fold == number)))
        found = np.empty((len(data), logits.shape[1])) if found is None else found
        found[fold == number] = logits
    assert found is not None, "there are two folds or more"
    return found
