"""What of a network is trained, and how fast each part learns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from leukoscope.errors import SettingsError
from leukoscope.models.cell_model import BATCH_NORMS, BatchNorm
from leukoscope.models.network import Network
from leukoscope.models.part_names import OTHERS, expand, trained_parts
from leukoscope.recipes.schema import StageSettings

RATES = "rates"


def set_trained(
    model: Network, parts: Literal["all", "head"] | list[str], batch_norm: BatchNorm = "train"
) -> list[str]:
    """Let these parts be trained and freeze all others, their batch-norm statistics and dropout included.

    Args:
        model: The network, changed in place; it stays in the mode (training or evaluation) it is in.
        parts: ``all``, ``head``, or parts and ranges: ``["layer3", "head"]``, ``["layer2..head"]``.
        batch_norm: ``frozen`` keeps the statistics of every batch-norm, in trained parts too (their weights learn);
            ``fixed`` keeps their weights as well.

    Returns:
        The names of the parts that are trained, in order.

    Raises:
        SettingsError: an unknown part, or none at all.
    """
    trained = trained_parts(parts, model.part_names)
    for part, parameters in model.parts().items():
        for parameter in parameters:
            parameter.requires_grad_(part in trained)
    if batch_norm == "fixed":
        for module in model.modules():
            if isinstance(module, BATCH_NORMS):
                module.requires_grad_(requires_grad=False)
    model.frozen = frozenset(model.part_names) - frozenset(trained)
    model.batch_norm = batch_norm
    model.train(model.training)
    return trained


def divide_for(model: Network, stages: Sequence[StageSettings]) -> None:
    """Divide a network's stages into blocks, as far as stages of training name these in ``train`` or ``rates``.

    Args:
        model: The network; nothing but the names of its parts changes.
        stages: All stages of a training.

    Raises:
        SettingsError: a stage of the network has no such block.
    """
    for place, stage in enumerate(stages):
        model.divide([] if isinstance(stage.train, str) else stage.train, f"stages.{place}.train")
        model.divide(stage.rates if isinstance(stage.rates, dict) else [], f"stages.{place}.rates")


def parameter_groups(model: Network, stage: StageSettings) -> list[dict[str, Any]]:
    """Return the optimiser's groups for one stage of training: one a trained part.

    Args:
        model: The network.
        stage: Its ``train`` says which parts, its ``rates`` how fast: one rate for all, or one for each part or range
            of parts, ``others`` for those not named.

    Returns:
        One ``{"name": part, "params": [...], "lr": rate}`` a trained part, in the network's order.

    Raises:
        SettingsError: an unknown part; a trained part without a rate or with two; a rate for parts that are not
            trained; a negative rate.
    """
    parts = model.parts()
    trained = trained_parts(stage.train, list(parts))
    rates = _rates(stage.rates, list(parts), trained)
    return [{"name": part, "params": parts[part], "lr": rates[part]} for part in trained]


def _rates(given: float | dict[str, float], known: list[str], trained: list[str]) -> dict[str, float]:
    named = given if isinstance(given, dict) else {OTHERS: given}
    for entry, rate in named.items():
        if not rate >= 0:
            raise SettingsError(f"A rate must be 0 or more; got {rate}.", where=f"{RATES}.{entry}")
    owners = _owners({entry: expand(entry, known, RATES) for entry in named if entry != OTHERS}, trained)
    missing = [part for part in trained if part not in owners]
    if missing and OTHERS not in named:
        raise SettingsError(
            f"The part {missing[0]!r} is trained but has no rate.",
            where=RATES,
            more=len(missing) - 1,
            do=f"Give it one, or one to {OTHERS!r}.",
        )
    return {part: named[owners.get(part, OTHERS)] for part in trained}


def _owners(expanded: dict[str, list[str]], trained: list[str]) -> dict[str, str]:
    owners: dict[str, str] = {}
    for entry, parts in expanded.items():
        if not set(parts) & set(trained):
            raise SettingsError(
                f"There is a rate for {entry!r}, which is not trained in this stage.",
                where=RATES,
                do="Leave the rate out, or add the part to train.",
            )
        for part in parts:
            if part in owners:
                raise SettingsError(f"The part {part!r} has two rates, by {owners[part]!r} and {entry!r}.", where=RATES)
            owners[part] = entry
    return owners
