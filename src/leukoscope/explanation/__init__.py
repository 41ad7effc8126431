"""Why: what each pixel, cell and fact adds to a patient's logit."""

from leukoscope.explanation.evidence import Evidence, evidence_of
from leukoscope.explanation.facts_moves import moves_table, occluded_moves
from leukoscope.explanation.finding import CellsFound, evidence_auc
from leukoscope.explanation.late import late_moves
from leukoscope.explanation.stated import stated_probability
from leukoscope.explanation.writing import write_evidence

__all__ = [
    "CellsFound",
    "Evidence",
    "evidence_auc",
    "evidence_of",
    "late_moves",
    "moves_table",
    "occluded_moves",
    "stated_probability",
    "write_evidence",
]
