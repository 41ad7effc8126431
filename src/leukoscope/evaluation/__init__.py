"""Evaluation: scores of predictions, their intervals by linked group, the operating threshold, and when to refer."""

from leukoscope.evaluation.calibration_gain import CalibrationGain, calibration_gain
from leukoscope.evaluation.calibrators import Calibrator, fit_calibrator
from leukoscope.evaluation.calling import called
from leukoscope.evaluation.carried_threshold import carried_threshold
from leukoscope.evaluation.confidence import Confidence, fit_confidence
from leukoscope.evaluation.confidence_scores import ConfidenceScores, confidence_scores
from leukoscope.evaluation.conformal import Band, fit_band
from leukoscope.evaluation.evaluate import evaluate, point_scores
from leukoscope.evaluation.flagged import flagged_share
from leukoscope.evaluation.groups import GroupScores, score_group
from leukoscope.evaluation.lineages import LineageErrors, lineage_errors
from leukoscope.evaluation.missed_at import MissedAt, missed_at
from leukoscope.evaluation.missed_pair import MissedLess, compare_missed
from leukoscope.evaluation.operating_points import OperatingPoint, operating_points, points_table
from leukoscope.evaluation.out_of_distribution import OutOfDistribution, fit_out_of_distribution
from leukoscope.evaluation.paired import PairedDifference, compare_pair
from leukoscope.evaluation.proportions import Proportion, proportion
from leukoscope.evaluation.referral import Referral, fit_referral
from leukoscope.evaluation.referral_scores import ReferralScores, referral_scores
from leukoscope.evaluation.scores import ClassScores, Interval, Score, Scores
from leukoscope.evaluation.showing import scores_table
from leukoscope.evaluation.subgroups import Subgroup, subgroup_scores
from leukoscope.evaluation.thresholds import Threshold, choose_threshold

__all__ = [
    "Band",
    "CalibrationGain",
    "Calibrator",
    "ClassScores",
    "Confidence",
    "ConfidenceScores",
    "GroupScores",
    "Interval",
    "LineageErrors",
    "MissedAt",
    "MissedLess",
    "OperatingPoint",
    "OutOfDistribution",
    "PairedDifference",
    "Proportion",
    "Referral",
    "ReferralScores",
    "Score",
    "Scores",
    "Subgroup",
    "Threshold",
    "calibration_gain",
    "called",
    "carried_threshold",
    "choose_threshold",
    "compare_missed",
    "compare_pair",
    "confidence_scores",
    "evaluate",
    "fit_band",
    "fit_calibrator",
    "fit_confidence",
    "fit_out_of_distribution",
    "fit_referral",
    "flagged_share",
    "lineage_errors",
    "missed_at",
    "operating_points",
    "point_scores",
    "points_table",
    "proportion",
    "referral_scores",
    "score_group",
    "scores_table",
    "subgroup_scores",
]
