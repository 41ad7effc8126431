"""Which bundles an ensemble's folder holds, and what one types to use them."""

from __future__ import annotations

from pathlib import Path

import pytest

from leukoscope.files import write_json
from leukoscope.reports.ensemble_bundles import bundle_rows

RECORD = {"rules": {"average": {"title": "average"}, "most_confident": {"title": "most confident"}}}


def test_the_run_s_bundle_comes_first_then_those_of_rules(tmp_path: Path) -> None:
    folder = tmp_path / "my run"
    assert bundle_rows(folder, RECORD) == []
    write_json(folder / "rules" / "average" / "bundle" / "bundle.json", {"rule": "average"})
    write_json(folder / "bundle" / "bundle.json", {"rule": "most_confident"})
    (folder / "rules" / "most_confident" / "bundle").mkdir(parents=True)
    own, of_rule = bundle_rows(folder, RECORD)
    assert own == {
        "rule": "most confident",
        "link": "bundle/",
        "command": "leukoscope predict 'my run/bundle' PICTURES --out said.csv",
    }
    assert (of_rule["rule"], of_rule["link"]) == ("average", "rules/average/bundle/")


def test_the_folder_s_own_name_is_typed_where_the_page_is_made_within_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_json(tmp_path / "runs" / "bundle" / "bundle.json", {"rule": "average"})
    monkeypatch.chdir(tmp_path / "runs")
    (found,) = bundle_rows(Path(), RECORD)
    assert found["command"] == "leukoscope predict runs/bundle PICTURES --out said.csv"
