from __future__ import annotations

from typing import Any

from leukoscope.reports.figures import calibration


def test_points_and_the_cells_they_rest_on(binary: dict[str, Any]) -> None:
    above, below = calibration(binary, leaking=True).axes
    full = [bin_ for bin_ in binary["curves"]["calibration"] if bin_["cells"]]
    assert len(full) == 9
    _ideal, curve = above.lines
    assert curve.get_xydata().tolist() == [[bin_["mean_probability"], bin_["share_right"]] for bin_ in full]
    assert [bar.get_height() for bar in below.patches] == [bin_["cells"] for bin_ in full]
    assert [round(bar.get_x(), 3) for bar in below.patches] == [bin_["low"] for bin_ in full]
