"""The page of ensembles has a row for every rule and every setting, with its default."""

from __future__ import annotations

from pathlib import Path

from leukoscope.ensembles import RULES


def test_every_rule_and_setting_has_its_row(pages: dict[Path, str], project: Path) -> None:
    text = pages[project / "docs" / "reference" / "ensembles.md"]
    rows = [
        [cell.strip(" `") for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| `")
    ]
    assert [row[0] for row in rows if row[0] in RULES] == list(RULES)
    settings = {
        f"{name}.{setting}": str(field.default)
        for name, rule in RULES.items()
        for setting, field in rule.model_fields.items()
    }
    assert {row[0]: row[1] for row in rows if row[0].partition(".")[0] in RULES and "." in row[0]} == settings
