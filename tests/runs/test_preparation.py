from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from PIL import Image

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers import READERS
from leukoscope.recipes.loading import load_recipe
from leukoscope.runs.preparation import _resolved, description_of


def test_what_is_known_of_a_data_set_goes_by_its_reader_s_name() -> None:
    cells = pl.DataFrame({"id": ["a"], "path": ["a.png"]})
    cohort = Cohort.from_cells("small", Path(), cells, Classes(("hem", "all")))
    assert description_of(cohort) is None
    assert description_of(replace(cohort, reader="cnmc")) is READERS["cnmc"].description
    assert description_of(replace(cohort, reader="a stranger's")) is None


@pytest.mark.parametrize(
    ("recipe", "reader", "sides", "side"),
    [
        ("kukielka2021-aml", "matek", (400, 400, 360), 360),
        ("kukielka2021-pbc", "pbc", (360, 366, 355), 355),
        ("kukielka2021-pbc", "pbc", (366, 366, 366), 360),
    ],
)
def test_no_rim_tells_which_pictures_were_copied_at_another_size(
    tmp_path: Path, recipe: str, reader: str, sides: tuple[int, ...], side: int
) -> None:
    for number, each in enumerate(sides):
        Image.new("RGB", (each, each + 3)).save(tmp_path / f"{number}.png")
    rows = [{"id": str(number), "path": f"{number}.png"} for number in range(len(sides))]
    cohort = Cohort.from_cells("cells", tmp_path, pl.DataFrame(rows), Classes(("NGS", "PMB")))
    found = _resolved(load_recipe(recipe, {}), replace(cohort, reader=reader))
    assert found.framing[0] == {"center_crop": side}
