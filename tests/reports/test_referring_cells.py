from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leukoscope.reports.first_screen import first_screen
from leukoscope.reports.page import write_report
from leukoscope.reports.referring import calibrated, referral
from leukoscope.reports.referring_cells import cell_referral
from leukoscope.reports.tables import read_tables
from leukoscope.runs.run import headline


def share(value: float | None) -> dict[str, Any]:
    if value is None:
        return {"value": None, "low": None, "high": None, "reason": "there are none to take a share of"}
    return {"value": value, "low": value - 0.03, "high": value + 0.02, "reason": None}


FOUND: dict[str, Any] = {
    "of": "cells",
    "wanted": 0.95,
    "least": 0.831,
    "validation": {"reached": 0.9512, "kept": 0.704, "cells": 1102, "patients": 9},
    "cells": 427,
    "patients": 12,
    "called": 300,
    "referred": share(0.3),
    "referred_of": {"hem": share(0.41), "all": share(0.25)},
    "accuracy": share(0.934),
    "accuracy_of_all": share(0.86),
    "accuracy_of": {"hem": share(0.9), "all": share(0.95)},
    "levels": [
        {"wanted": 0.9, "least": 0.7, "reached": 0.9, "referred": share(0.2), "accuracy": share(0.9)},
        {"wanted": 0.99, "least": None, "reached": 0.97, "referred": share(1.0), "accuracy": share(None)},
    ],
    "notes": ["The rule rests on 9 validation patients."],
}
MEASURED = {"ece": {"before": 0.08, "after": 0.03}, "brier": {"before": 0.1, "after": 0.09}}
CALIBRATION = {"kind": "platt", "fitted_on": 1102, "cells": 427, "notes": [], **MEASURED,
               "log_loss": {"before": 0.4, "after": 0.3}}  # fmt: skip


@pytest.fixture
def folder(example: Callable[..., Path]) -> Path:
    """The folder of a run of cells that refers."""
    path = example()
    scores = json.loads((path / "scores.json").read_text())
    (path / "scores.json").write_text(json.dumps(scores | {"referral": FOUND, "calibration": CALIBRATION}))
    return path


def test_the_section_says_the_rule_what_it_reached_and_what_it_does_on_test(binary: dict[str, Any]) -> None:
    found = cell_referral({"referral": FOUND}, binary)
    assert found is not None
    assert found["rule"] == "A cell is called where its class is at least 0.831 probable, and else referred."
    assert found["reached"] == (
        "It was fitted on 1,102 cells of 9 patients: 70.4 % of them were called, with an accuracy of 0.951."
    )
    shares = dict(found["shares"])
    assert shares["Referred"] == "0.300 (0.270 to 0.320)"
    assert shares["Called rightly, of the rest"] == "0.934 (0.904 to 0.954)"
    assert shares["The same if none were referred"] == "0.860 (0.830 to 0.880)"
    assert shares["Referred of normal cells (HEM)"] == "0.410 (0.380 to 0.430)"
    assert found["levels"] == [
        {
            "wanted": "0.90",
            "least": "0.700",
            "referred": "0.200 (0.170 to 0.220)",
            "accuracy": "0.900 (0.870 to 0.920)",
        },
        {
            "wanted": "0.99",
            "least": "\N{EN DASH}",
            "referred": "1.000 (0.970 to 1.020)",
            "accuracy": "n/a: there are none to take a share of",
        },
    ]


def test_where_all_or_none_are_referred_it_says_so(binary: dict[str, Any]) -> None:
    everything = cell_referral({"referral": FOUND | {"least": None}}, binary)
    nothing = cell_referral({"referral": FOUND | {"least": 0.0}}, binary)
    assert everything is not None
    assert nothing is not None
    assert everything["rule"] == "Every cell is referred: the wanted accuracy could not be reached on validation."
    assert everything["reached"] == "It was fitted on 1,102 cells of 9 patients."
    assert nothing["rule"] == "No cell is referred: the wanted accuracy was reached on validation as it is."
    alone = FOUND["validation"] | {"patients": None}
    unknown = cell_referral({"referral": FOUND | {"validation": alone}}, binary)
    assert unknown is not None
    assert unknown["reached"].startswith("It was fitted on 1,102 cells: ")


def test_sections_of_cells_and_of_patients_do_not_mix(binary: dict[str, Any]) -> None:
    assert referral({"referral": FOUND}, binary) is None
    assert cell_referral({"referral": {"promised": 0.9}}, binary) is None
    assert cell_referral({}, binary) is None


def test_calibration_speaks_of_cells() -> None:
    found = calibrated({"calibration": CALIBRATION})
    assert found is not None
    assert (found["fitted_on"], found["tested_on"]) == ("1,102 cells", "427 test cells")


def test_the_page_has_the_section_its_link_and_a_card(folder: Path) -> None:
    page = write_report(folder).read_text(encoding="utf-8")
    assert page.count('<a href="#referral">When to refer</a>') == 1
    assert page.count("<h2>When to refer</h2>") == 1
    assert page.count("<h2>Calibration before and after</h2>") == 1
    assert "held against the truth of 427 test cells; smaller is better" in page
    assert "cells weigh one together, however many there are" in page
    assert "The rule rests on 9 validation patients." in page
    card = first_screen(read_tables(folder)).cards[-1]
    assert (card.before, card.number, card.good) == ("Of 100 cells it refers to a person", "30", "low")
    assert card.after == "Of 100 others it calls 93 rightly; 95 were wanted. Patients weigh alike."


def test_without_a_called_cell_the_card_says_why(folder: Path) -> None:
    scores = json.loads((folder / "scores.json").read_text())
    scores["referral"] |= {"least": None, "referred": share(1.0), "accuracy": share(None), "called": 0}
    (folder / "scores.json").write_text(json.dumps(scores))
    card = first_screen(read_tables(folder)).cards[-1]
    assert card.after == "No cell is called: the wanted accuracy could not be reached."


def test_a_page_without_referral_has_no_such_section(example: Callable[..., Path]) -> None:
    page = write_report(example()).read_text(encoding="utf-8")
    assert "When to refer" not in page
    assert "Calibration before and after" not in page


def test_a_run_says_it_in_its_headline(binary: dict[str, Any]) -> None:
    lines = headline({"parts": {"test": binary}, "referral": FOUND})
    assert lines[-2:] == [
        "referred: 0.300 (95 % interval 0.270 to 0.320) of the cells",
        "accuracy of the rest (0.95 wanted): 0.934 (95 % interval 0.904 to 0.954)",
    ]
