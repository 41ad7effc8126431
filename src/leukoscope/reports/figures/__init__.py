"""The report's figures: one idea a file, each a function from a table to a matplotlib figure."""

from leukoscope.reports.figures.ablation_bars import ablation_bars
from leukoscope.reports.figures.bagging_bars import bagging_bars, bagging_groups
from leukoscope.reports.figures.calibration import calibration
from leukoscope.reports.figures.confusion_matrix import confusion_matrix
from leukoscope.reports.figures.learning_curves import loss_curves, score_curves
from leukoscope.reports.figures.patient_bars import PatientBlock, patient_bars, patient_blocks
from leukoscope.reports.figures.roc_pr import pr_curves, roc_curves
from leukoscope.reports.figures.saving import Drawn, save_figure
from leukoscope.reports.figures.shortcut_bars import shortcut_bars, shown_statistics

__all__ = [
    "Drawn",
    "PatientBlock",
    "ablation_bars",
    "bagging_bars",
    "bagging_groups",
    "calibration",
    "confusion_matrix",
    "loss_curves",
    "patient_bars",
    "patient_blocks",
    "pr_curves",
    "roc_curves",
    "save_figure",
    "score_curves",
    "shortcut_bars",
    "shown_statistics",
]
