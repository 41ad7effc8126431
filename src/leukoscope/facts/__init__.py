"""Facts: what the clinic knows of a patient, as numbers; models of them alone, and with a network's logit."""

from leukoscope.facts.ablations import ablations, ablations_out_of_fold
from leukoscope.facts.circumstances import circumstances_in, is_circumstance
from leukoscope.facts.clinical import CLINICAL, clinical_logits, out_of_fold_logits
from leukoscope.facts.encoding import FactsEncoder
from leukoscope.facts.late import LateFusion
from leukoscope.facts.logistic import LogisticModel
from leukoscope.facts.offered import Offer, inputs_offered, patient_facts
from leukoscope.facts.patients import linked, target_names, targets
from leukoscope.facts.remark import Remark
from leukoscope.facts.verdict import Verdict, strongest_fact, verdict

__all__ = [
    "CLINICAL",
    "FactsEncoder",
    "LateFusion",
    "LogisticModel",
    "Offer",
    "Remark",
    "Verdict",
    "ablations",
    "ablations_out_of_fold",
    "circumstances_in",
    "clinical_logits",
    "inputs_offered",
    "is_circumstance",
    "linked",
    "out_of_fold_logits",
    "patient_facts",
    "strongest_fact",
    "target_names",
    "targets",
    "verdict",
]
