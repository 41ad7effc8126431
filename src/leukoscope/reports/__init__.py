"""Reports: from the tables of a run's folder to figures and one self-contained page. A page computes nothing."""

from leukoscope.reports.audit_page import write_audit_page
from leukoscope.reports.framing_sheet import framing_sheet
from leukoscope.reports.page import write_report
from leukoscope.reports.patient_pages import write_patient_pages
from leukoscope.reports.sheets import augmentation_sheet, picture_sheet, wrong_cells_sheet

__all__ = [
    "augmentation_sheet",
    "framing_sheet",
    "picture_sheet",
    "write_audit_page",
    "write_patient_pages",
    "write_report",
    "wrong_cells_sheet",
]
