"""Evaluation: scores of predictions, their intervals by linked group, and the operating threshold."""

from leukoscope.evaluation.calling import called
from leukoscope.evaluation.evaluate import evaluate, point_scores
from leukoscope.evaluation.scores import ClassScores, Interval, Score, Scores
from leukoscope.evaluation.showing import scores_table
from leukoscope.evaluation.thresholds import Threshold, choose_threshold

__all__ = [
    "ClassScores",
    "Interval",
    "Score",
    "Scores",
    "Threshold",
    "called",
    "choose_threshold",
    "evaluate",
    "point_scores",
    "scores_table",
]
