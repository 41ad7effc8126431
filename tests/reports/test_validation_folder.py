from __future__ import annotations

from pathlib import Path

from leukoscope.reports.validation_folder import ValidationFolder


def test_everything_has_a_place_of_its_own_below_the_folder() -> None:
    names = [name for name, value in vars(ValidationFolder).items() if isinstance(value, property)]
    paths = [getattr(ValidationFolder(Path("out")), name) for name in names]
    assert len(set(paths)) == len(names) > 10
    assert {path.parent for path in paths} == {Path("out")}
