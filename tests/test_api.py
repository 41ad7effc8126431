"""What the front door makes of its arguments before it hands them on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leukoscope import api
from leukoscope.pictures.framing import parse_framing
from leukoscope.runs.options import Options


@pytest.mark.parametrize("store", ["pixels", Path("pixels"), None])
def test_the_store_may_be_named_as_any_other_folder(
    store: str | Path | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[Options] = []

    def note(*given: Any, options: Options | None = None, **_: Any) -> str:
        asked.append(options or next(one for one in given if isinstance(one, Options)))
        return "done"

    for name in ("run_recipe", "rescore_run", "sweep_plan"):
        monkeypatch.setattr(api, name, note)
    out = tmp_path / "out"
    found = [
        api.train("drawn", out=out, weights="weights", store=store),
        api.rescore(tmp_path, out=out, store=store),
        api.sweep("drawn", out=out, seeds=1, weights="weights", store=store),
    ]
    assert found == ["done"] * 3
    folder, weights = None if store is None else Path("pixels"), Path("weights")
    assert asked == [Options(weights, folder), Options(None, folder), Options(weights, folder)]
    assert asked[0].as_json()["store"] == (None if folder is None else str(folder.resolve()))


def test_pictures_are_taken_into_a_store_that_is_named_by_a_string(tmp_path: Path) -> None:
    cohort = api.draw(tmp_path / "drawn", patients=4, cells=2, size=32)
    taken = api.take_in(cohort, framing=parse_framing([{"center_crop": 32}]), store=str(tmp_path / "pixels"), workers=1)
    assert taken.store is not None
    assert len(taken.store) == cohort.cells.height
