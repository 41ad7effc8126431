from __future__ import annotations

import pytest

from leukoscope.facts.circumstances import is_circumstance


@pytest.mark.parametrize("name", ["site", "Hospital", "scanner_id", "date_sampled", "batch", "born_format"])
def test_circumstances(name: str) -> None:
    assert is_circumstance(name)


@pytest.mark.parametrize("name", ["age", "sex", "kind", "malignant", "stained", "lymphocyte_count", "place_of_birth"])
def test_what_is_none(name: str) -> None:
    assert not is_circumstance(name)
