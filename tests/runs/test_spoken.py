"""What members and rules say, side by side."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from leukoscope.evaluation import Score
from leukoscope.recipes.schema import ThresholdSettings
from leukoscope.reports.ensemble_folder import EnsembleFolder
from leukoscope.runs.ensemble_table import Scored, scored_member
from leukoscope.runs.ensembled_rule import Task
from leukoscope.runs.ensembling import Ensemble
from leukoscope.runs.members import read_members
from leukoscope.runs.spoken import bounds, spoken


def test_each_speaks_with_its_own_probabilities_and_threshold(of_tables: Ensemble) -> None:
    tables = [of_tables.folder.parent / f"net{seed}.csv" for seed in (1, 2, 3)]
    members = read_members(tables)
    task = Task(members.part("validation"), members.part("test"), None, ThresholdSettings(), 0, "here")
    scored = [scored_member(member) for member in members.members]
    scored.append(Scored("average", "rule", scored[0].parts))
    found = spoken(task, scored, EnsembleFolder(of_tables.folder).rules)
    assert [(one.name, one.kind) for one in found] == [*((f"net{n}", "member") for n in (1, 2, 3)), ("average", "rule")]
    own = [pl.read_csv(path).filter(part="test").sort("id")["p_all"].to_numpy() for path in tables]
    for one, expected in zip(found, [*own, np.mean(own, axis=0)], strict=True):
        assert one.test.table.sort("id")["p_all"].to_numpy() == pytest.approx(expected)
        assert one.validation.table.height == 60
        assert one.threshold == one.scored.threshold


def test_a_score_becomes_three_columns() -> None:
    assert bounds(Score(0.5, 0.25, 0.75), "ece") == {"ece": 0.5, "ece_low": 0.25, "ece_high": 0.75}
    assert bounds(Score(None), "ece") == {"ece": None, "ece_low": None, "ece_high": None}
