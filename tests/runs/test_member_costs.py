"""``costs.csv``: size and time of each model, by a clock that is watched."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from leukoscope import api
from leukoscope.runs import member_costs
from leukoscope.runs.member_costs import costs_table

pytestmark = pytest.mark.usefixtures("no_pages_in_module")
TINY = {"framing": [{"resize": 32}], "model.backbone": "test_resnet", "model.cut": None, "stages.0.epochs": 1,
        "drawn.patients": 16, "drawn.cells": 4, "drawn.size": 32, "drawn.seed": 7, "split.test": 0.4,
        "split.seed": 1, "test_time.flips": "both"}  # fmt: skip


def watched_clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let a look at n pictures take 250 + 10 n ms by the clock, the first at each number 400 ms more; note each n."""
    looks, now, look = list[int](), [0.0], member_costs.view_logits

    def looked(model: Any, pixels: Any, **given: Any) -> Any:
        now[0] += 0.25 + 0.01 * len(pixels) + 0.4 * (looks[-1:] != [len(pixels)])
        looks.append(len(pixels))
        return look(model, pixels, **given)

    monkeypatch.setattr(member_costs, "view_logits", looked)
    monkeypatch.setattr(member_costs, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    return looks


def test_costs_are_measured_and_a_rule_costs_what_its_members_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    run = api.train("drawn", out=tmp_path / "run", changes=TINY)
    looks = watched_clock(monkeypatch)
    table = costs_table(["a", "b"], [run, run], ["average"])
    rows = {row["name"]: row for row in table.iter_rows(named=True)}
    weights = (run.bundle / "weights.safetensors").stat().st_size
    assert rows["a"]["megabytes"] == weights / 1e6
    assert rows["a"]["views"] == 4
    assert rows["a"]["parameters"] > 1000
    assert looks == [1] * 5 + [32] * 4 + [1] * 5 + [32] * 4, "the first pass of each warms up"
    assert (rows["a"]["ms_batch_1"], rows["a"]["passes_1"]) == pytest.approx((260, 4))
    assert (rows["a"]["ms_batch_32"], rows["a"]["passes_32"]) == pytest.approx((570 / 32, 3))
    assert rows["a"]["stored"] > rows["a"]["parameters"], "batch norm stores statistics too"
    assert (rows["a"]["holds"], rows["average"]["holds"]) == (None, None)
    for name in ("parameters", "stored", "megabytes", "ms_batch_1", "ms_batch_32"):
        assert rows["average"][name] == pytest.approx(rows["a"][name] + rows["b"][name])
    assert (rows["average"]["views"], rows["a"]["device"], rows["a"]["note"]) == (None, "cpu", None)
    (run.bundle / "bundle.json").unlink()
    lost = costs_table(["a"], [run], ["average"])
    assert lost["ms_batch_1"].to_list() == [None, None]
    assert lost["note"][0] == "This is no bundle: it holds no bundle.json."
