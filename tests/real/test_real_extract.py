from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "bench_extract.py"
# As in docs/how-to/cells-from-fields.md, of the half that is reported.
FIELDS, RECALL, PRECISION = 91, 0.979, 0.939


def test_white_cells_of_bccd_are_found_as_the_page_says(real_data: Path) -> None:
    if not (real_data / "bccd").is_dir():
        pytest.skip("BCCD is not beside the project")
    bench = runpy.run_path(str(BENCHMARK))
    fields, _ = bench["searched"](bench["annotated"](real_data / "bccd", "reported"))
    assert len(fields) == FIELDS
    right, true, found = np.sum([(len(one.pairs), len(one.true), len(one.found)) for one in fields], axis=0)
    assert right / true == pytest.approx(RECALL, abs=0.012)
    assert right / found == pytest.approx(PRECISION, abs=0.012)
