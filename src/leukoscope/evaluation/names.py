"""The scores by name: what each is called, what it needs, and the range it lives in."""

from __future__ import annotations

import math

Key = tuple[str | None, str]
"""A score's key: the class it is of (None for the scores of all cells) and its name."""

COUNTED = (
    "accuracy",
    "balanced_accuracy",
    "sensitivity",
    "specificity",
    "weighted_precision",
    "weighted_recall",
    "weighted_specificity",
    "weighted_f1",
    "macro_precision",
    "macro_recall",
    "macro_specificity",
    "macro_f1",
    "mcc",
)
RANKED = ("roc_auc", "pr_auc")
PROBABILISTIC = ("brier", "ece", "log_loss")
LOSSES = frozenset(PROBABILISTIC)
"""The scores of which a smaller value is the better one; of all others it is a larger one."""
BINARY_ONLY = ("sensitivity", "specificity")
OF_ALL = (*COUNTED, *RANKED, *PROBABILISTIC)
OF_A_CLASS = ("precision", "recall", "specificity", "f1", *RANKED, "accuracy")
OF_PATIENTS = (
    "accuracy",
    "balanced_accuracy",
    "sensitivity",
    "specificity",
    "weighted_f1",
    "macro_f1",
    "mcc",
    "roc_auc",
    "pr_auc",
)
PATIENT_SCORE = "patient_"
"""What the name of a score begins with that is of the patients of a run of cells."""
POOLED = ("accuracy", "mcc", "brier", "ece", "log_loss")

TITLES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "weighted_precision": "weighted precision",
    "weighted_recall": "weighted recall",
    "weighted_specificity": "weighted specificity",
    "weighted_f1": "weighted F1",
    "macro_precision": "macro precision",
    "macro_recall": "macro recall",
    "macro_specificity": "macro specificity",
    "macro_f1": "macro F1",
    "mcc": "MCC",
    "roc_auc": "ROC AUC",
    "pr_auc": "PR AUC",
    "brier": "Brier score",
    "ece": "ECE",
    "log_loss": "log-loss",
}


def names_for(*, binary: bool) -> tuple[str, ...]:
    """Return the scores of all cells, in their order; sensitivity and specificity only for two classes.

    Example:
        >>> names_for(binary=False)[:3]
        ('accuracy', 'balanced_accuracy', 'weighted_precision')
    """
    return tuple(name for name in OF_ALL if binary or name not in BINARY_ONLY)


def names_of_a_class(*, binary: bool) -> tuple[str, ...]:
    """Return the scores of one class, in their order; of two classes either's accuracy is that of all cells.

    Example:
        >>> names_of_a_class(binary=True)[-1], names_of_a_class(binary=False)[-1]
        ('pr_auc', 'accuracy')
    """
    return tuple(name for name in OF_A_CLASS if not binary or name != "accuracy")


def smaller_is_better(score: str) -> bool:
    """Return whether the smaller of two values is the better one.

    Args:
        score: A score's name, of patients or not; one that is not known here is no loss.

    Example:
        >>> smaller_is_better("log_loss"), smaller_is_better("roc_auc"), smaller_is_better("patient_brier")
        (True, False, True)
    """
    return score.removeprefix(PATIENT_SCORE) in LOSSES


def score_title(score: str) -> str:
    """Return a score's name within a sentence.

    Args:
        score: A score's name, with ``patient_`` before it where it is of the patients of a run of cells.

    Example:
        >>> score_title("patient_roc_auc"), score_title("weighted_f1"), score_title("my_own_score")
        ('ROC AUC of patients', 'weighted F1', 'my own score')
    """
    plain = score.removeprefix(PATIENT_SCORE)
    title = TITLES.get(plain, plain.replace("_", " "))
    return title if plain == score else f"{title} of patients"


def value_range(name: str, *, binary: bool) -> tuple[float, float]:
    """Return the smallest and the largest value that a score can have.

    Example:
        >>> value_range("mcc", binary=True), value_range("brier", binary=False)
        ((-1.0, 1.0), (0.0, 2.0))
    """
    if name == "mcc":
        return -1.0, 1.0
    if name == "log_loss":
        return 0.0, math.inf
    return 0.0, 2.0 if name == "brier" and not binary else 1.0
