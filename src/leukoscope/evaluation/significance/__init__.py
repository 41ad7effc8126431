"""Is a difference more than chance? Tests over runs (ranks), folds, patients (McNemar, DeLong); Holm's correction."""

from leukoscope.evaluation.significance.alternatives import ALTERNATIVES, Alternative
from leukoscope.evaluation.significance.corrected_t import CorrectedT, corrected_t
from leukoscope.evaluation.significance.delong import Delong, delong
from leukoscope.evaluation.significance.holm import holm
from leukoscope.evaluation.significance.mcnemar import McNemar, mcnemar
from leukoscope.evaluation.significance.ranks import RankTest, mann_whitney, wilcoxon

__all__ = [
    "ALTERNATIVES",
    "Alternative",
    "CorrectedT",
    "Delong",
    "McNemar",
    "RankTest",
    "corrected_t",
    "delong",
    "holm",
    "mann_whitney",
    "mcnemar",
    "wilcoxon",
]
