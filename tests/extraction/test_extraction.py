from __future__ import annotations

from pathlib import Path

import pytest

from leukoscope.errors import SettingsError
from leukoscope.extraction import Extraction


def made(**changes: object) -> Extraction:
    settings: dict[str, object] = {
        "folder": Path("out"), "fields": 2, "cells": 5, "cut_off": 1, "damaged": 0, "red_cell": 30.0, "size": 120,
        "scale": 1.0, "whole": False, "seconds": 3.2,
    }  # fmt: skip
    return Extraction(**settings | changes)  # type: ignore[arg-type]


def test_it_says_what_was_found() -> None:
    assert repr(made()) == (
        "5 white cells in 2 fields, 1 of them cut off by a field's edge, in 3 s: out/cells.csv\n"
        "  look at: out/fields.png"
    )
    assert repr(made(whole=True, damaged=3, notes=("So.",))) == (
        "5 white cells in 2 fields, 1 more cut off by a field's edge left out, in 3 s: out/cells.csv\n"
        "  fields that could not be searched: 3 (fields.csv)\n  look at: out/fields.png\n  note: So."
    )
    assert repr(made(cut_off=0, fields=1, cells=1)).startswith("1 white cell in 1 field, in 3 s")
    assert "out/cells.csv" in made()._repr_html_()


def test_a_cohort_needs_two_classes() -> None:
    with pytest.raises(SettingsError) as caught:
        made().cohort(["blast"])
    assert str(caught.value) == "Name the classes that cells may have, two at least."
