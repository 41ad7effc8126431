from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from leukoscope.explanation.late import late_moves
from leukoscope.facts.late import LateFusion

SOURCES = ["age", "age", "sex"]


@pytest.fixture(scope="module")
def fused() -> tuple[LateFusion, np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    logits, facts = random.normal(size=(40, 1)), random.normal(size=(40, 3)).astype(np.float32)
    truth = (logits[:, 0] + facts[:, 0] + random.normal(size=40) > 0).astype(np.int64)
    groups, names = [f"g{place}" for place in range(40)], ["age", "age missing", "sex=F"]
    return LateFusion.fit(logits, facts, truth, groups=groups, names=names, seed=0), logits, facts


def test_a_patients_rows_sum_to_the_fused_logit(fused: tuple[LateFusion, np.ndarray, np.ndarray]) -> None:
    fusion, logits, facts = fused
    names = [f"P{place}" for place in range(40)]
    values = pl.DataFrame({"patient": names, "age": [61.0] * 40, "sex": [None] * 40})
    table = late_moves(fusion, names, logits, facts, sources=SOURCES, values=values)
    assert table["fact"][:4].to_list() == ["average patient", "all pictures", "age", "sex"]
    assert table["value"][:4].to_list() == [None, None, "61", "missing"]
    summed = table.group_by("patient", maintain_order=True).agg(pl.col("moved").sum())["moved"]
    assert summed.to_list() == pytest.approx(fusion.logits(logits, facts)[:, 0].tolist())


def test_the_number_of_pictures_is_not_taken_for_the_pictures(fused: tuple[LateFusion, np.ndarray, np.ndarray]) -> None:
    fusion, logits, facts = fused
    names = [f"P{place}" for place in range(40)]
    values = pl.DataFrame({"patient": names, "pictures": [61] * 40, "sex": [None] * 40})
    table = late_moves(fusion, names, logits, facts, sources=["pictures", "pictures", "sex"], values=values)
    assert table["fact"][:4].to_list() == ["average patient", "all pictures", "pictures", "sex"]
    assert table["value"][:4].to_list() == [None, None, "61", "missing"]
