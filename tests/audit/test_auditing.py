from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from leukoscope.audit import CHECKS, Audit, Finding, audit
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import identical_pairs, linked_groups
from leukoscope.cohort.splits import make_split
from leukoscope.errors import DataError, SettingsError

LayOut = Callable[..., Any]


def odd_rows(clean: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows with one of each fault."""
    return [
        *clean,
        {"id": "all0_copy", "patient": "all0", "picture": "all0_0"},
        {"id": "all1_copy", "patient": "all1", "picture": "all0_1", "place": "fold_1"},
        {"id": "hem1_wrong", "label": "hem", "patient": "hem1", "picture": "hem0_1x"},
        {"id": "all2_wrong", "patient": "all2", "picture": "hem0_1x"},
        {
            "id": "cut_off",
            "patient": "all2",
            "problem": "The file is cut off.",
            "width": None,
            "height": None,
            "excluded": "unreadable: The file is cut off.",
        },
        {"id": "small", "patient": "all2", "width": 300},
        {"id": "wide", "patient": "all2", "box_left": 60},
        {"id": "grey", "patient": "all2", "mode": "L", "remarks": "grey to RGB; named .png but is BMP"},
        {"id": "unknown", "label": None, "patient": "all2"},
    ]


def test_a_clean_cohort_has_its_counts_and_what_was_not_tried(lay_out: LayOut, clean: list[dict[str, Any]]) -> None:
    bench = lay_out(clean)
    found = audit(bench.cohort, bench.pictures, crop=300)
    assert [finding.code for finding in found.findings] == ["counts", "shortcuts_not_tried"]
    assert found.failures == ()
    assert found.counts == {
        "cells": 60,
        "usable": 60,
        "excluded": 0,
        "unlabelled": 0,
        "unreadable": 0,
        "identical_pairs": 0,
        "near_pairs": 0,
        "patients": 6,
        "classes": [
            {"class": "hem", "title": "normal cell", "cells": 30, "patients": 3, "own": 0, "boxes": 0},
            {"class": "all", "title": "leukaemic blast", "cells": 30, "patients": 3, "own": 0, "boxes": 0},
        ],
    }


def test_every_fault_is_found_in_the_order_of_the_checks(lay_out: LayOut, clean: list[dict[str, Any]]) -> None:
    bench = lay_out(odd_rows(clean))
    codes = [finding.code for finding in audit(bench.cohort, bench.pictures, crop=300).findings]
    assert codes == [
        "counts",
        "excluded",
        "unlabelled",
        "unreadable",
        "misnamed",
        "decoder_remarks",
        "identical_within_patient",
        "identical_across_patients",
        "identical_across_classes",
        "linked_patients",
        "shortcuts_not_tried",
        "wrong_size",
        "wrong_mode",
        "beyond_crop",
    ]
    assert len(CHECKS) == len(set(CHECKS))


def test_it_does_not_depend_on_the_order_of_rows(lay_out: LayOut, clean: list[dict[str, Any]]) -> None:
    rows = odd_rows(clean)
    one = lay_out(rows)
    shuffled = random.Random(1).sample(rows, len(rows))
    other = lay_out(shuffled)
    expected = audit(one.cohort, one.pictures, crop=300).as_json()
    assert audit(other.cohort, other.pictures.reverse(), crop=300).as_json() == expected


def test_all_of_it_goes_into_json(lay_out: LayOut, clean: list[dict[str, Any]]) -> None:
    bench = lay_out(odd_rows(clean))
    found = audit(bench.cohort, bench.pictures, crop=300)
    back = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert back == found.as_json()
    assert (back["format"], back["cohort"], back["counts"]["usable"]) == (1, "bench", 68)
    assert (back["counts"]["unreadable"], back["counts"]["identical_pairs"]) == (1, 3)
    pairs = next(finding for finding in back["findings"] if finding["code"] == "identical_across_patients")
    assert pairs["count"] == len(pairs["pairs"]) == 2
    assert pairs["pictures"] == [["all0_1", "all1_copy"], ["all2_wrong", "hem1_wrong"]]
    assert pairs["by_patients"] == [
        {"unit_a": "all0", "unit_b": "all1", "pairs": 1},
        {"unit_a": "all2", "unit_b": "hem1", "pairs": 1},
    ]


def test_a_split_that_leaks_is_seen(lay_out: LayOut, clean: list[dict[str, Any]]) -> None:
    fourth = [{"id": f"all3_{cell}", "patient": "all3"} for cell in range(10)]
    bench = lay_out([*clean, *fourth, {"id": "all1_copy", "patient": "all1", "picture": "all0_1"}])
    groups = linked_groups(bench.cohort, identical_pairs(bench.pictures))
    good = make_split("holdout", bench.cohort, groups, seed=0)
    assert audit(bench.cohort, bench.pictures, split=good).of("identical_across_parts") is None
    alone = linked_groups(bench.cohort, identical_pairs(bench.pictures).clear())
    for seed in range(20):
        bad = make_split("holdout", bench.cohort, alone, seed=seed)
        parts = dict(bad.table.select("id", "part").iter_rows())
        found = audit(bench.cohort, bench.pictures, split=bad).of("identical_across_parts")
        assert (found is None) == (parts["all0_1"] == parts["all1_copy"])


def test_it_prints_its_findings(lay_out: LayOut, clean: list[dict[str, Any]]) -> None:
    bench = lay_out([*clean, {"id": "<wide>", "patient": "all2", "box_left": 60}])
    found = audit(bench.cohort, bench.pictures, crop=300)
    assert repr(found).splitlines() == [
        "Audit of 'bench', findings that need attention: 1",
        "  note: 61 usable cells of 6 patients: normal cell 30, leukaemic blast 31.",
        "  warning: 1 cell with pixels outside the 300 px centre square, by up to 15 px: the crop cuts them off.",
        "    what to do: Look at them: often the segmentation took in background; else take a larger crop.",
        "  note: " + found.findings[-2].sentence,
    ]
    assert "<li><b>warning</b>: 1 cell with pixels" in found._repr_html_()


def test_an_empty_cohort_is_audited_too() -> None:
    cells = pl.DataFrame(schema={"id": pl.String, "path": pl.String})
    cohort = Cohort.from_cells("empty", Path(), cells, Classes(("a", "b")))
    found = audit(cohort, pl.DataFrame(schema={"id": pl.String}), crop=300)
    assert [finding.code for finding in found.findings] == ["counts"]


def test_a_table_of_pictures_without_facts_is_enough_for_counts(lay_out: LayOut, clean: list[dict[str, Any]]) -> None:
    bench = lay_out(clean)
    found = audit(bench.cohort, bench.pictures.select("id", "sha256"), crop=300)
    assert [finding.code for finding in found.findings] == ["counts", "pixels_not_seen", "shortcuts_not_tried"]
    assert found.failures == ()


def test_hashes_alone_are_enough_for_identical_pictures(lay_out: LayOut, clean: list[dict[str, Any]]) -> None:
    bench = lay_out([*clean, {"id": "all1_copy", "patient": "all1", "picture": "all0_1"}])
    hashes = bench.pictures.select("id", "sha256", pl.lit(None, pl.String).alias("pixels_sha256"))
    for pictures in (hashes, hashes.drop("pixels_sha256")):
        found = audit(bench.cohort, pictures)
        assert [finding.code for finding in found.failures] == ["identical_across_patients"]


def test_twins_are_told_of(lay_out: LayOut, clean: list[dict[str, Any]]) -> None:
    bench = lay_out(clean)
    pair = {"id_a": ["all0_1"], "id_b": ["all1_1"], "kind": ["near"], "correlation": [0.98], "degrees": [90.0]}
    found = audit(bench.cohort, bench.pictures, twins=pl.DataFrame(pair))
    assert [finding.code for finding in found.failures] == ["near_across_patients"]
    assert found.counts["near_pairs"] == 1
    assert found.of("linked_patients") is not None
    with pytest.raises(DataError) as raised:
        audit(bench.cohort, bench.pictures, twins=pl.DataFrame({"id_a": ["a"]}))
    assert str(raised.value) == "The table of twins lacks the column 'id_b'; its columns: id_a."


def test_the_worst_comes_first_for_people(lay_out: LayOut, clean: list[dict[str, Any]]) -> None:
    bench = lay_out(odd_rows(clean))
    found = audit(bench.cohort, bench.pictures, crop=300)
    assert [finding.severity for finding in found.worst_first[1:]] == sorted(
        (finding.severity for finding in found.findings[1:]), key=["error", "warning", "note"].index
    )
    assert found.worst_first[0].code == "counts"
    assert [line.split(":")[0].strip() for line in found.lines()[1:3]] == ["note", "error"]


def test_what_cannot_be_audited(lay_out: LayOut, clean: list[dict[str, Any]]) -> None:
    bench = lay_out(clean)
    with pytest.raises(DataError) as raised:
        audit(bench.cohort, bench.pictures.select("width", "height"))
    assert str(raised.value) == "The pictures table lacks the column 'id'; its columns: width, height."
    with pytest.raises(SettingsError) as wrong:
        audit(bench.cohort, bench.pictures, crop=0)
    assert str(wrong.value) == "The side of the crop must be 1 px or more; got 0."


def test_a_finding_without_table() -> None:
    finding = Finding("odd", "note", "Something is odd.", 1)
    assert finding.table.is_empty()
    assert finding.as_json() == {
        "code": "odd",
        "severity": "note",
        "sentence": "Something is odd.",
        "do": None,
        "count": 1,
        "pictures": [],
    }
    assert Audit("x", {}, (finding,)).of("other") is None
