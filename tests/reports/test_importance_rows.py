from __future__ import annotations

import polars as pl

from leukoscope.reports.importance_rows import SHOWN, importance_sections

TITLES = {"hem": "normal cell", "all": "blast"}


def table(rows: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "name": [f"measure{place}" for place in range(rows)],
            "meaning": "Size.",
            "unit": ["px", "1", None, *["share"] * rows][:rows],
            "log_loss_more": [0.25, -0.001, 0.0, *[0.0] * rows][:rows],
            "deviation": 0.02,
            "mean_hem": [1234.5, -0.25, None, *[0.5] * rows][:rows],
            "mean_all": [99.96, 0.125, None, *[0.5] * rows][:rows],
        }
    )


def test_there_is_no_section_without_a_table() -> None:
    assert importance_sections({}, TITLES) == []


def test_numbers_have_their_units_and_signs() -> None:
    (section,) = importance_sections({"importances.csv": table(3)}, TITLES)
    assert (section["model"], section["source"]) == ("", "importances.csv")
    assert section["classes"] == ["normal cell", "blast"]
    first, second, third = section["rows"]
    assert (first.name, first.meaning, first.loss) == ("measure0", "Size.", "+0.250 ± 0.020")
    assert first.means == ("1,234 px", "100 px")
    assert (second.loss, second.means) == ("\u22120.001 ± 0.020", ("\u22120.25", "0.125"))
    assert third.means == ("", "")


def test_only_the_first_are_shown() -> None:
    _, section = importance_sections(
        {"members/a/importances.csv": table(1), "members/b/importances.csv": table(SHOWN + 4)}, TITLES
    )
    assert section["model"] == "b"
    assert (len(section["rows"]), section["shown"], section["measures"]) == (SHOWN, SHOWN, SHOWN + 4)
