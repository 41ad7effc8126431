"""Aggregators: from a patient's many logits to one. A new one is one file here and one line in ``AGGREGATORS``."""

from __future__ import annotations

import inspect
from typing import Any

from leukoscope.errors import SettingsError, nearest
from leukoscope.models.aggregators.aggregator import Aggregator
from leukoscope.models.aggregators.attention import Attention
from leukoscope.models.aggregators.bn_sigmoid import BnSigmoid
from leukoscope.models.aggregators.gated_attention import GatedAttention
from leukoscope.models.aggregators.log_sum_exp import LogSumExp
from leukoscope.models.aggregators.max import Max
from leukoscope.models.aggregators.mean import Mean
from leukoscope.models.aggregators.mean_and_spread import MeanAndSpread
from leukoscope.models.aggregators.noisy_or import NoisyOr
from leukoscope.models.aggregators.self_attention import SelfAttention
from leukoscope.models.aggregators.top_and_bottom_k import TopAndBottomK
from leukoscope.models.aggregators.top_k import TopK

__all__ = ["AGGREGATORS", "Aggregator", "make_aggregator", "options_of"]

AGGREGATORS: dict[str, type[Aggregator]] = {
    "mean": Mean,
    "mean_and_spread": MeanAndSpread,
    "max": Max,
    "top_k": TopK,
    "top_and_bottom_k": TopAndBottomK,
    "bn_sigmoid": BnSigmoid,
    "attention": Attention,
    "gated_attention": GatedAttention,
    "self_attention": SelfAttention,
    "noisy_or": NoisyOr,
    "log_sum_exp": LogSumExp,
}

WHERE = "bag.aggregator"


def make_aggregator(spec: str | dict[str, dict[str, Any]], features: int, outputs: int, seed: int) -> Aggregator:
    """Make an aggregator of a recipe's words.

    Args:
        spec: Its name, or its name with options: ``{"top_k": {"k": 10}}``.
        features: Length of an instance's feature vector.
        outputs: Columns of what it aggregates: of logits, or of features where these are aggregated.
        seed: Seed of its random weights.

    Returns:
        The aggregator, on the CPU in training mode; torch's own random state is left as it was.

    Raises:
        SettingsError: there is no such aggregator, it has no such option, an option's value is wrong, or it cannot
            aggregate so many columns.

    Example:
        >>> make_aggregator({"top_k": {"share": 0.1, "at_least": 5}}, features=512, outputs=1, seed=0).number.share
        0.1
    """
    name, options = _named(spec)
    if name not in AGGREGATORS:
        raise SettingsError(f"There is no aggregator {name!r}.", where=WHERE, do=nearest(name, AGGREGATORS))
    wrong = [option for option in options if option not in options_of(name)]
    if wrong:
        raise SettingsError(
            f"The aggregator {name!r} has no option {wrong[0]!r}.",
            where=f"{WHERE}.{name}",
            more=len(wrong) - 1,
            do=nearest(str(wrong[0]), options_of(name)),
        )
    return AGGREGATORS[name](features, outputs, seed, **options)


def options_of(name: str) -> dict[str, Any]:
    """Return the options of an aggregator with their defaults: the keywords of its constructor.

    Example:
        >>> options_of("log_sum_exp")
        {'sharpness': 5.0}
    """
    parameters = inspect.signature(AGGREGATORS[name]).parameters.values()
    return {one.name: one.default for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY}


def _named(spec: str | dict[str, dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """Take a recipe's words apart: the name, and the options."""
    if isinstance(spec, str):
        return spec, {}
    if len(spec) != 1 or not isinstance(next(iter(spec.values())), dict):
        raise SettingsError(
            f"An aggregator is one name, or one name with its options. Got {spec!r}.",
            where=WHERE,
            do="Write it as mean, or as {top_k: {k: 10}}.",
        )
    return next(iter(spec.items()))
