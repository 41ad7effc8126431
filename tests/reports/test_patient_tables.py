from __future__ import annotations

from pathlib import Path

import pytest

from leukoscope.errors import DataError
from leukoscope.files import write_json
from leukoscope.reports.patient_tables import read_patient_tables


def test_a_folder_without_evidence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as raised:
        read_patient_tables(tmp_path)
    assert str(raised.value) == (
        "This folder holds no evidence of patients.\n"
        f"  where: {tmp_path / 'evidence.json'}\n"
        "  what to do: Name the --out of a training with task: patients."
    )


def test_another_format_is_refused(tmp_path: Path) -> None:
    write_json(tmp_path / "evidence.json", {"format": 2})
    with pytest.raises(DataError) as raised:
        read_patient_tables(tmp_path)
    assert str(raised.value) == f"This evidence is not of format 1.\n  where: {tmp_path / 'evidence.json'}"


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    write_json(tmp_path / "evidence.json", {"format": 1})
    with pytest.raises(DataError, match="A table is missing"):
        read_patient_tables(tmp_path)
