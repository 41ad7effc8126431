"""Is a difference more than chance? Tests over runs (ranks) and over patients (McNemar, DeLong); Holm's correction."""

from leukoscope.evaluation.significance.alternatives import ALTERNATIVES, Alternative
from leukoscope.evaluation.significance.delong import Delong, delong
from leukoscope.evaluation.significance.holm import holm
from leukoscope.evaluation.significance.mcnemar import McNemar, mcnemar
from leukoscope.evaluation.significance.ranks import RankTest, mann_whitney, wilcoxon

__all__ = [
    "ALTERNATIVES",
    "Alternative",
    "Delong",
    "McNemar",
    "RankTest",
    "delong",
    "holm",
    "mann_whitney",
    "mcnemar",
    "wilcoxon",
]
