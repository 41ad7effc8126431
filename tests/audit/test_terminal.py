from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import polars as pl
from rich.console import Console

from leukoscope.audit import audit
from leukoscope.audit.terminal import as_terminal

LayOut = Callable[..., Any]


def printed(found: Any) -> list[str]:
    text = io.StringIO()
    Console(file=text, width=110).print(as_terminal(found))
    return [line.rstrip() for line in text.getvalue().splitlines()]


def test_counts_findings_and_what_to_do(lay_out: LayOut, clean: list[dict[str, Any]]) -> None:
    wide = [{"id": f"[wide] {n}", "patient": "all2", "box_left": 60 + n} for n in range(5)]
    bench = lay_out([*clean, *wide])
    lines = printed(audit(bench.cohort, bench.pictures, crop=300))
    assert lines[0] == "Audit of bench"
    assert any("leukaemic blast" in line and "35" in line for line in lines)
    first = next(place for place, line in enumerate(lines) if line.startswith("!"))
    assert lines[first : first + 7] == [
        "! 5 cells with pixels outside the 300 px centre square, by up to 15 px: the crop cuts them off.",
        "    [wide] 0: 15 px",
        "    [wide] 1: 14 px",
        "    [wide] 2: 13 px",
        "    and 2 more; --json lists all",
        "  what to do: Look at them: often the segmentation took in background; else take a larger crop.",
        "",
    ]
    assert lines[-1] == "Findings that need attention: 1."


def test_pairs_are_shown_with_their_kind(lay_out: LayOut, clean: list[dict[str, Any]]) -> None:
    bench = lay_out([*clean, {"id": "copy", "patient": "all1", "picture": "all0_0"}])
    assert "    all0_0 = copy (exact bytes)" in printed(audit(bench.cohort, bench.pictures))


def test_two_pictures_of_one_cell_are_not_called_equal(lay_out: LayOut, clean: list[dict[str, Any]]) -> None:
    bench = lay_out(clean)
    pair = {"id_a": ["all0_0"], "id_b": ["hem0_0"], "kind": ["near"], "correlation": [0.99961]}
    lines = printed(audit(bench.cohort, bench.pictures, twins=pl.DataFrame(pair)))
    assert "    all0_0 ~ hem0_0 (near 0.999)" in lines


def test_a_clean_cohort_says_so(lay_out: LayOut, clean: list[dict[str, Any]]) -> None:
    bench = lay_out(clean)
    assert printed(audit(bench.cohort, bench.pictures))[-1] == (
        "Nothing was found that spoils or flatters a score, but shortcuts were not looked for."
    )


def test_where_only_patients_have_labels_they_are_counted(lay_out: LayOut) -> None:
    patients = pl.DataFrame({"patient": ["1", "2", "3"], "label": ["all", "all", "hem"]})
    bench = lay_out([{"id": "a", "label": None, "patient": "1"}], patients=patients)
    lines = printed(audit(bench.cohort, bench.pictures))
    assert any("leukaemic blast" in line and line.endswith("2 │") for line in lines)


def test_unknown_patients_are_called_so(lay_out: LayOut) -> None:
    bench = lay_out([{"id": f"{label}{n}", "label": label} for label in ("hem", "all") for n in range(10)])
    assert any("not known" in line for line in printed(audit(bench.cohort, bench.pictures)))
