"""What a run has learnt before its test part is opened, and what it says of it then."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from leukoscope.evaluation import Threshold
from leukoscope.facts.late import LateFusion
from leukoscope.models.network import Network
from leukoscope.models.weights import WeightsNote
from leukoscope.predictions.table import Predictions


@dataclass(frozen=True)
class Learned:
    """A trained network and what was fitted behind it.

    Args:
        model: The network, in evaluation mode.
        note: Where its first weights came from.
        best_epoch: 1 and on; None where nothing was learnt in epochs.
        late: Logistic regression on the network's logits and the facts; None where there is none.
        pictures: The same on the network's logits alone, to say what pictures tell without the facts; None likewise.
        out_of_fold: Predictions of patients, or of cells, that were learnt from, each by models that did not see the
            patient; they take the validation part's place where this was learnt from too. None where it was not.
        importances: What each named measure counts for (``importances.importances_table``); None where that is not
            known.
    """

    model: Network
    note: WeightsNote
    best_epoch: int | None = None
    late: LateFusion | None = None
    pictures: LateFusion | None = None
    out_of_fold: Predictions | None = None
    importances: pl.DataFrame | None = None


@dataclass(frozen=True)
class Said:
    """What a run says of its parts.

    Args:
        validation: Predictions of the validation part, or out of fold in its place.
        test: Predictions of the test part.
        threshold: The operating threshold, chosen on validation; None for more than two classes.
    """

    validation: Predictions
    test: Predictions
    threshold: Threshold | None

    @property
    def value(self) -> float | None:
        """The threshold as a number."""
        return None if self.threshold is None else self.threshold.value


@dataclass(frozen=True)
class Results:
    """What a task adds to the scores and to the bundle's card.

    Args:
        scores: Sections of ``scores.json``.
        card: Fields of the card.
    """

    scores: dict[str, Any] = field(default_factory=dict)
    card: dict[str, Any] = field(default_factory=dict)
