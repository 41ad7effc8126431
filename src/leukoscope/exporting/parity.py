"""Whether an exported graph says what its bundle says; a graph that does not is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from leukoscope.bundles.ensemble_bundle import AnyBundle
from leukoscope.errors import BundleError, counted
from leukoscope.evaluation.calling import decide
from leukoscope.exporting.answers import Answer
from leukoscope.exporting.runtimes import Arrays

LIMITS: dict[str, float] = {"fp32": 1e-4, "bf16": 2e-2, "int8": 1e-1}
"""The largest difference of a probability, of the same framed pixels, that is let pass, by precision."""
WITH_OPENCV = 1e-3
"""As much more is let pass where OpenCV frames the picture for the bundle: single pixels are rounded otherwise."""
FURTHEST = 1e-2
"""The largest difference of a distance, as a share of it, that is let pass in fp32; other precisions state theirs."""


@dataclass(frozen=True)
class Parity:
    """How far a graph is from its bundle.

    Args:
        asked: How many answers were compared: pictures, or patients.
        largest_difference: Of a probability, where both see the same framed pixels.
        largest_difference_with_opencv: Likewise where OpenCV frames the picture for the bundle, as in ``predict``.
        largest_logit_difference: Of a logit; None where there are none to compare.
        other_calls: How many were called otherwise than by the bundle with all its views: ``predict``, but where a
            rule lets it do with fewer.
        limit: The largest difference of a probability that is let pass.
        largest_distance_difference: Of a distance from the training cells, as a share of it; None where there are none.
        other_flags: How many distances lie on the other side of 1.
    """

    asked: int
    largest_difference: float
    largest_difference_with_opencv: float
    largest_logit_difference: float | None
    other_calls: int
    limit: float
    largest_distance_difference: float | None = None
    other_flags: int = 0

    @property
    def holds(self) -> bool:
        """Whether the graph may be used in the bundle's place."""
        distances = self.largest_distance_difference or 0.0
        exact = self.limit > LIMITS["fp32"] or (distances <= FURTHEST and not self.other_flags)
        near = self.largest_difference <= self.limit
        return (
            near and self.largest_difference_with_opencv <= self.limit + WITH_OPENCV and not self.other_calls and exact
        )

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


def parity_of(
    answers: Sequence[Answer], with_opencv: Sequence[Answer], found: Sequence[Arrays], bundle: AnyBundle, precision: str
) -> Parity:
    """Compare a graph's outputs with what the bundle said.

    Args:
        answers: What the bundle said, trial by trial, of the pixels that the graph saw.
        with_opencv: What it said where OpenCV framed the pictures.
        found: The graph's outputs, in the same order.
        bundle: The bundle.
        precision: The graph's.
    """
    same, own = (np.concatenate([one.probabilities for one in said]) for said in (answers, with_opencv))
    given = np.concatenate([np.asarray(one["probabilities"], dtype=np.float64) for one in found])
    logits = [
        _largest(answer.logits, np.asarray(one["logits"], dtype=np.float64))
        for answer, one in zip(answers, found, strict=True)
        if answer.logits is not None
    ]
    calls, wanted = (decide(np.nan_to_num(said), bundle.classes, bundle.threshold) for said in (given, own))
    return Parity(
        asked=len(own),
        largest_difference=_largest(same, given),
        largest_difference_with_opencv=_largest(own, given),
        largest_logit_difference=max(logits) if logits else None,
        other_calls=int((calls != wanted).sum()),
        limit=LIMITS[precision],
        **_of_distances(answers, found),
    )


def refuse_other_answers(parity: Parity, bundle: AnyBundle, title: str, precision: str) -> None:
    """Refuse a graph that does not say what its bundle says.

    Args:
        parity: The comparison.
        bundle: The bundle.
        title: What runs the graph: ONNX Runtime.
        precision: The graph's.

    Raises:
        BundleError: a probability differs by more than the limit, or a call does.
    """
    if parity.holds:
        return
    unit = "patient" if bundle.card.task == "patients" else "picture"
    called = f"{counted(parity.other_calls, unit)} of {parity.asked:,} called otherwise"
    raise BundleError(
        f"In {title} the graph in {precision} does not say what the bundle says of its self-test: a probability "
        f"differs by {parity.largest_difference:.2g} ({parity.limit:g} is let pass), by "
        f"{parity.largest_difference_with_opencv:.2g} where OpenCV frames the pictures, {called}{_of_flags(parity)}. "
        "Nothing was written.",
        where=str(bundle.folder),
        do="Export it with --precision fp32." if precision != "fp32" else "Use the bundle with leukoscope predict.",
    )


def _of_flags(parity: Parity) -> str:
    if not parity.largest_distance_difference:
        return ""
    return f"; a distance differs by {parity.largest_distance_difference:.2g} of it, {parity.other_flags:,} flags do"


def _of_distances(answers: Sequence[Answer], found: Sequence[Arrays]) -> dict[str, Any]:
    pairs = [
        (answer.distances, np.asarray(one[name], dtype=np.float64))
        for answer, one in zip(answers, found, strict=True)
        for name in ("distance", "distances")
        if answer.distances is not None and name in one
    ]
    if not pairs:
        return {}
    return {
        "largest_distance_difference": max(_largest(one / one, other / one) for one, other in pairs),
        "other_flags": sum(int(((one > 1) != (other > 1)).sum()) for one, other in pairs),
    }


def _largest(one: np.ndarray, other: np.ndarray) -> float:
    """Return the largest difference; infinity where a value is no number, or the shapes differ."""
    if one.shape != other.shape:
        return float("inf")
    apart = np.abs(one - other).max(initial=0.0)
    return float(apart) if np.isfinite(apart) else float("inf")
