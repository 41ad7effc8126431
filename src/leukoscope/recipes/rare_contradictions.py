"""What cannot stand with the ways of learning rare classes, and of scoring groups of classes."""

from __future__ import annotations

from leukoscope.recipes.fitted_contradictions import Rules, head_words
from leukoscope.recipes.schema import BalanceSettings, Recipe, StageSettings


def rare_rules(recipe: Recipe) -> Rules:
    """Return what contradicts focal loss, logit adjustment, mixing of cells, a stage's own sampling or head, or groups.

    Args:
        recipe: The recipe.

    Returns:
        For each rule whether it is broken, what is wrong, and what to do.
    """
    rules = (_loss_rules, _mixup_rules, _adjustment_rules, _stage_rules, _group_rules)
    return [rule for rules_of in rules for rule in rules_of(recipe)]


def _loss_rules(recipe: Recipe) -> Rules:
    loss, balance = recipe.loss, recipe.balance
    asked = {"focal": loss.focal, "logit_adjustment": loss.logit_adjustment, "mixup": loss.mixup}
    named = [f"loss.{name}" for name, value in asked.items() if value > 0]
    return [
        (
            bool(named) and recipe.model.fitted_at_once,
            f"{head_words(recipe)} as head is fitted at once, with a loss of its own ({', '.join(named)}).",
            f"Leave {' and '.join(named)} out, or set model.head: linear, with stages.",
        ),
        (
            balance.beta != BalanceSettings().beta and balance.loss_weights != "class_balanced",
            f"Weights by the effective number of cells alone have a beta (balance.beta: {balance.beta:g}).",
            "Set balance.loss_weights: class_balanced, or leave balance.beta out.",
        ),
    ]


def _mixup_rules(recipe: Recipe) -> Rules:
    mixed, model = recipe.loss.mixup > 0, recipe.model
    return [
        (
            mixed and recipe.task == "patients",
            "Cells are mixed with their labels (loss.mixup), and the labels here are of patients.",
            "Set loss.mixup: 0.",
        ),
        (
            mixed and (model.pool == "cell" or bool(model.measures)),
            "Two cells laid over each other (loss.mixup) have no outline: neither measures nor model.pool: cell.",
            "Set loss.mixup: 0, or model.pool: average and model.measures: false.",
        ),
        (
            mixed and recipe.loss.synergic > 0,
            "A mixed cell (loss.mixup) is of no one class, and loss.synergic asks whether two are of one.",
            "Set loss.mixup: 0, or loss.synergic: 0.",
        ),
    ]


def _adjustment_rules(recipe: Recipe) -> Rules:
    adjusted, balance = recipe.loss.logit_adjustment > 0, recipe.balance
    evened = next((stage for stage in recipe.stages if stage.sampling is not None), None)
    return [
        (
            adjusted and balance.sampling != "none",
            f"Classes that are seen equally often (balance.sampling: {balance.sampling}) have no frequency to adjust.",
            "Set balance.sampling: none, or loss.logit_adjustment: 0.",
        ),
        (
            adjusted and evened is not None,
            "Logits are adjusted to how often each class is seen (loss.logit_adjustment); one stage sees all alike.",
            "Leave the stage's sampling out, or set loss.logit_adjustment: 0.",
        ),
        (
            adjusted and balance.loss_weights != "none",
            "Rare classes would be made up for twice, by loss.logit_adjustment and by balance.loss_weights.",
            "Set balance.loss_weights: none, or loss.logit_adjustment: 0.",
        ),
    ]


def _stage_rules(recipe: Recipe) -> Rules:
    found: Rules = []
    for place, stage in enumerate(recipe.stages):
        found += [
            (
                stage.sampling is not None and recipe.task == "patients",
                f"Cells are sampled by their own class (stages.{place}.sampling), and patients are learnt.",
                f"Leave stages.{place}.sampling out.",
            ),
            (
                stage.sampling is not None and recipe.balance.loss_weights != "none",
                f"Classes would be made equal twice, by stages.{place}.sampling and by balance.loss_weights.",
                f"Set balance.loss_weights: none, or leave stages.{place}.sampling out.",
            ),
            (
                stage.fresh_head and recipe.task == "patients",
                f"A head is made anew for networks of cells (stages.{place}.fresh_head), and patients are learnt.",
                f"Set stages.{place}.fresh_head: false.",
            ),
            (
                stage.fresh_head and not _trains_head(stage),
                f"A head at random (stages.{place}.fresh_head) that the stage does not train would call at random.",
                f"Set stages.{place}.train: head, or leave stages.{place}.fresh_head out.",
            ),
        ]
    return found


def _group_rules(recipe: Recipe) -> Rules:
    asked = recipe.classes
    named = [f"classes.{name}" for name in ("groups", "lineages") if getattr(asked, name)]
    return [
        (
            bool(named) and recipe.task == "patients",
            f"Groups of classes are scored cell by cell ({', '.join(named)}), and patients are learnt.",
            f"Leave {' and '.join(named)} out.",
        )
    ]


def _trains_head(stage: StageSettings) -> bool:
    return stage.train in ("all", "head") or "head" in stage.train
