from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.readers import READERS
from leukoscope.runs.preparation import description_of


def test_what_is_known_of_a_data_set_goes_by_its_reader_s_name() -> None:
    cells = pl.DataFrame({"id": ["a"], "path": ["a.png"]})
    cohort = Cohort.from_cells("small", Path(), cells, Classes(("hem", "all")))
    assert description_of(cohort) is None
    assert description_of(replace(cohort, reader="cnmc")) is READERS["cnmc"].description
    assert description_of(replace(cohort, reader="a stranger's")) is None
