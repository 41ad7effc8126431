"""Late fusion: a logistic regression over a network's logit and the facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from leukoscope.errors import DataError
from leukoscope.facts.logistic import Floats, Ints, LogisticModel

IMAGE = "pictures"


@dataclass(frozen=True)
class LateFusion:
    """logit = b + a . [image logits, encoded facts], each standardised: stacking (Wolpert 1992, Neural Networks 5:241).

    The image logits it learns from must be **out of fold**: given by networks that did not train on the patient. Those
    of training patients in sample are far too sure, and the facts would count for nothing.

    Args:
        model: The regression; its first inputs are the image logits (``pictures``, or ``pictures 0``, ``pictures 1``,
            ... for more than two classes), then the facts' columns.
        images: How many image logits there are: 1 for two classes, else one a class.
    """

    model: LogisticModel
    images: int = 1

    @classmethod
    def fit(
        cls,
        logits: npt.NDArray[Any],
        facts: npt.NDArray[Any],
        truth: Ints,
        *,
        groups: Sequence[str],
        names: Sequence[str],
        seed: int,
        balanced: bool = False,
    ) -> LateFusion:
        """Learn from training patients; the penalty is chosen among them, linked groups kept together.

        Args:
            logits: (n, o), out-of-fold image logits: o = 1, the positive class's, for two classes, else one a class.
            facts: (n, f), as ``FactsEncoder.encode`` returns them; f may be 0, then the logit alone is rescaled.
            truth: (n,) int64, as ``targets`` returns it.
            groups: The linked group of each patient.
            names: The f facts' columns, ``FactsEncoder.names``.
            seed: The seed of the folds in which the penalty is chosen.
            balanced: Whether each class weighs the same in all.

        Raises:
            DataError: see ``LogisticModel.fit``.
        """
        images = logits.shape[1]
        heads = [IMAGE] if images == 1 else [f"{IMAGE} {place}" for place in range(images)]
        both = _side_by_side(logits, facts)
        classes = 2 if images == 1 else images
        model = LogisticModel.fit(
            both, truth, groups, names=[*heads, *names], seed=seed, classes=classes, balanced=balanced
        )
        return cls(model, images)

    @property
    def names(self) -> tuple[str, ...]:
        """The inputs: the image logits, then the facts' columns."""
        return self.model.names

    @property
    def intercepts(self) -> tuple[float, ...]:
        """The logits of the mean training patient, (o,)."""
        return self.model.intercepts

    def logits(self, logits: npt.NDArray[Any], facts: npt.NDArray[Any]) -> Floats:
        """Return the fused logits, (b, o) float64.

        Args:
            logits: (b, o), image logits.
            facts: (b, f), encoded.

        Raises:
            DataError: the shapes are not those that were learnt from.
        """
        return self.model.logits(_side_by_side(logits, facts))

    def moves(self, logits: npt.NDArray[Any], facts: npt.NDArray[Any], *, output: int = 0) -> Floats:
        """Return what each input moved each patient's fused logit, away from the mean training patient's.

        Args:
            logits: (b, o), image logits.
            facts: (b, f), encoded.
            output: Which fused logit: 0 for two classes, the class's place for more.

        Returns:
            (b, o + f) float64, in the order of ``names``; with ``intercepts[output]`` they sum to the fused logit.

        Raises:
            DataError: the shapes are not those that were learnt from.
        """
        return self.model.moves(_side_by_side(logits, facts), output=output)

    def moves_by_fact(
        self, logits: npt.NDArray[Any], facts: npt.NDArray[Any], sources: Sequence[str], *, output: int = 0
    ) -> dict[str, Floats]:
        """Return ``moves`` with the columns of each fact taken together.

        Args:
            logits: (b, o), image logits.
            facts: (b, f), encoded.
            sources: The fact of each column, (f,): ``FactsEncoder.sources``.
            output: As in ``moves``.

        Returns:
            ``pictures`` and each fact, in order, to (b,) float64; with ``intercepts[output]`` they sum to the logit.

        Raises:
            DataError: the shapes are not those that were learnt from.
        """
        owners = np.array([*[IMAGE] * self.images, *sources])
        moves = self.moves(logits, facts, output=output)
        return {str(owner): moves[:, owners == owner].sum(axis=1) for owner in dict.fromkeys(owners.tolist())}

    def as_json(self) -> dict[str, Any]:
        """Return the fusion as plain JSON values; no digit is lost."""
        return {"images": self.images, "model": self.model.as_json()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> LateFusion:
        """Make a fusion of what ``as_json`` returned.

        Raises:
            DataError: the value is none.
        """
        try:
            return cls(LogisticModel.from_json(value["model"]), value["images"])
        except (KeyError, TypeError) as error:
            raise DataError(f"This is no late fusion: {error} is missing or wrong.") from None


def _side_by_side(logits: npt.NDArray[Any], facts: npt.NDArray[Any]) -> Floats:
    if len(logits) != len(facts):
        raise DataError(f"There are image logits of {len(logits)} patients, but facts of {len(facts)}.")
    return np.concatenate([logits, facts], axis=1, dtype=np.float64)
