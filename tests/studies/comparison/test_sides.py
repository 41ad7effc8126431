from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from leukoscope.errors import DataError, SettingsError
from leukoscope.studies.comparison.sides import HOW, sides_of

Make = Callable[..., Path]
PAIR = {"a": {"edge": 3.0}, "b": {"edge": 1.0}}


def test_each_variant_of_a_study_is_a_side_and_one_can_be_named(make_study: Make, tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", PAIR, [0, 1], ["b-seed1"])
    one, other = sides_of([study], "test")
    assert (one.name, [run.name for run in one.runs], one.missing) == ("a", ["a-seed0", "a-seed1"], ())
    assert (other.name, [run.name for run in other.runs], other.missing) == ("b", ["b-seed0"], ("b-seed1",))
    assert [side.name for side in sides_of([f"{study}::b", f"{study}::a"], "test")] == ["b", "a"]


def test_sides_of_one_name_are_told_apart_by_their_folders(make_run: Make, make_study: Make, tmp_path: Path) -> None:
    first, second = (make_study(tmp_path / name, {"a": {}}, [0]) for name in ("old", "new"))
    assert [side.name for side in sides_of([first, second], "test")] == ["old: a", "new: a"]
    runs = [make_run(tmp_path / name / "run") for name in ("x", "y")]
    assert [side.name for side in sides_of(runs, "test")] == ["x/run", "y/run"]
    deep = [make_study(tmp_path / name / "study", {"a": {}}, [0]) for name in ("p", "q")]
    names = [side.name for side in sides_of(deep, "test")]
    assert names == [f"{folder}: a" for folder in deep]


def test_what_is_no_side_is_told(make_run: Make, make_study: Make, tmp_path: Path) -> None:
    study, run = make_study(tmp_path / "study", PAIR, [0], ["b-seed0"]), make_run(tmp_path / "run")
    (tmp_path / "empty").mkdir()
    unfinished = "Type the study's command again to finish it, or name other variants."
    empty = tmp_path / "empty"
    known = "Known: a, b."
    for named, message in (
        ([run], f"A comparison needs two sides; found only 'run'.\n  what to do: {HOW}"),
        ([], f"A comparison needs two sides; found nothing.\n  what to do: {HOW}"),
        ([f"{study}::A"], f"This study has no variant 'A'.\n  where: {study}\n  what to do: {known}"),
    ):
        with pytest.raises(SettingsError) as caught:
            sides_of(named, "test")
        assert str(caught.value) == message
    for wrong, message in (
        (empty, f"This folder holds neither a run nor a study.\n  where: {empty}\n  what to do: {HOW}"),
        (f"{run}::a", f"This folder holds no study.\n  where: {run}\n  what to do: {HOW}"),
        (study, f"No run of 'b' is finished.\n  where: {study}\n  what to do: {unfinished}"),
    ):
        with pytest.raises(DataError) as refused:
            sides_of([run, wrong], "test")
        assert str(refused.value) == message


def test_a_run_cannot_stand_on_two_sides(make_study: Make, tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", PAIR, [0])
    with pytest.raises(SettingsError) as caught:
        sides_of([study, study / "runs" / "a-seed0"], "test")
    assert str(caught.value) == (
        f"The run 'a-seed0' is on two sides: 'a' and 'a-seed0'.\n  where: {study / 'runs' / 'a-seed0'}\n"
        "  what to do: Name each run, study and variant once."
    )


def test_runs_of_cells_and_of_patients_are_not_compared(make_run: Make, tmp_path: Path) -> None:
    cells, patients = make_run(tmp_path / "c"), make_run(tmp_path / "p", unit="patient")
    with pytest.raises(DataError) as caught:
        sides_of([cells, patients], "test")
    assert str(caught.value) == (
        f"'c' tells 'hem' and 'all' apart by cell, 'p' 'hem' and 'all' by patient.\n  where: {patients}\n"
        "  what to do: Compare runs of one task."
    )


def test_an_unfinished_run_is_told_with_the_command_that_finishes_it(make_run: Make, tmp_path: Path) -> None:
    run = make_run(tmp_path / "half", status="interrupted")
    with pytest.raises(DataError, match=r"This run is not finished \(status: interrupted\)"):
        sides_of([run, make_run(tmp_path / "whole")], "test")
