"""A small study of patients: two seeds, two aggregators, one page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

Command = Callable[..., tuple[int, str, str]]
TINY = ["stages.0.epochs=1", "stages.0.batch=4", "framing=[{resize: 32}]", "split.test=0.4"]
CHANGES = [word for change in TINY for word in ("--set", change)]


@pytest.mark.usefixtures("no_pages")
def test_two_seeds_and_two_aggregators_make_four_runs_and_one_page(
    verb: Command, drawn_patients: Path, tmp_path: Path
) -> None:
    out = tmp_path / "study"
    given = [
        "sweep", "drawn-patients", "--data", drawn_patients, "--reader", "drawn", "--out", out, "--seeds", "2",
        "--grid", "bag.aggregator=mean,{top_k: {k: 2}}", *CHANGES,
    ]  # fmt: skip
    code, said, err = verb(*given)
    assert code == 0, err
    assert f"Study {out}: drawn-patients, 4 runs, 4 finished" in said
    table = pl.read_csv(out / "study.csv")
    assert table["status"].to_list() == ["finished"] * 4
    assert table["seed"].to_list() == [0, 0, 1, 1]
    assert (out / "study.html").stat().st_size > 0
    # A seed's patients are parted alike for both aggregators, and otherwise for the other seed.
    splits = [path.read_bytes() for path in sorted(out.glob("runs/*/split.csv"))]
    assert len(splits) == 4
    assert len(set(splits)) == 2
    # What is finished is not done again.
    before = {path: path.stat().st_mtime_ns for path in out.glob("runs/*/scores.json")}
    assert verb(*given)[0] == 0
    assert {path: path.stat().st_mtime_ns for path in out.glob("runs/*/scores.json")} == before
