from __future__ import annotations

from pathlib import Path

from leukoscope.reports.audit_folder import AuditFolder, finding_names


def test_a_code_that_comes_again_is_numbered() -> None:
    assert finding_names([]) == []
    assert finding_names(["a", "b", "a", "a"]) == ["a", "b", "a-2", "a-3"]


def test_each_table_of_each_finding_has_a_file_of_its_own() -> None:
    folder = AuditFolder(Path("audit"))
    assert folder.table("unreadable-2", "cells") == Path("audit/tables/unreadable-2.cells.csv")
