from __future__ import annotations

from pathlib import Path

import pytest

from leukoscope.cohort.readers import read_cohort
from leukoscope.drawn import draw_cohort
from leukoscope.errors import DataError, SettingsError
from leukoscope.files import write_json
from leukoscope.reports.study_folder import StudyFolder
from leukoscope.runs.options import Options
from leukoscope.studies import Plan, plan
from leukoscope.studies.record import begin_record, read_record


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    return StudyFolder(tmp_path)


def refused(folder: StudyFolder, made: Plan, options: Options | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        begin_record(folder, made, None, options or Options(), None)
    return str(caught.value)


def test_the_same_plan_is_taken_up_and_another_refused(folder: StudyFolder) -> None:
    made = plan("drawn", 2, {"model.dropout": [0.0, 0.5]})
    begin_record(folder, made, None, Options(), "typed")
    before = folder.record.read_bytes()
    begin_record(folder, made, None, Options(), "typed again")
    assert folder.record.read_bytes() == before
    assert read_record(folder)["command"] == "typed"
    assert refused(folder, plan("drawn", 3, {"model.dropout": [0.0, 0.5]})) == (
        "The study in this folder was begun with another plan: other seeds, settings.\n"
        f"  where: {folder.path}\n"
        "  what to do: Type the same command as then to go on with it, or name another --out."
    )
    assert "other grid, settings." in refused(folder, plan("drawn", 2, {"model.dropout": [0.0, 0.4]}))
    assert "other settings." in refused(
        folder, plan("drawn", 2, {"model.dropout": [0.0, 0.5]}, changes=["stages.0.epochs=3"])
    )
    assert "other options." in refused(folder, made, Options(allow_leakage="for once"))


def test_another_data_set_is_refused_and_a_moved_one_is_not(tmp_path: Path) -> None:
    made, own = plan("drawn", 1), StudyFolder(tmp_path / "study")
    own.path.mkdir()
    for place, cells in (("here/cells", 2), ("there/cells", 2), ("other/cells", 3)):
        draw_cohort(tmp_path / place, patients=4, cells=cells, size=16)
    begin_record(own, made, read_cohort(tmp_path / "here" / "cells", "drawn"), Options(), None)
    begin_record(own, made, read_cohort(tmp_path / "there" / "cells", "drawn"), Options(), None)
    with pytest.raises(SettingsError, match="other data"):
        begin_record(own, made, read_cohort(tmp_path / "other" / "cells", "drawn"), Options(), None)


def test_a_folder_with_something_else_is_left_alone(folder: StudyFolder) -> None:
    (folder.path / ".study.json.half").write_text("{", encoding="utf-8")
    (folder.path / "mine.txt").write_text("mine", encoding="utf-8")
    assert refused(folder, plan("drawn", 1)) == (
        f"This folder is not empty, and holds no study.\n  where: {folder.path}\n  what to do: Name another --out."
    )
    (folder.path / "mine.txt").unlink()
    begin_record(folder, plan("drawn", 1), None, Options(), None)  # what a killed study left does not matter


def test_a_folder_without_a_study_and_another_format_are_told(folder: StudyFolder) -> None:
    with pytest.raises(DataError) as caught:
        read_record(folder)
    assert str(caught.value).startswith("This folder holds no study.")
    write_json(folder.record, {"format": 2})
    with pytest.raises(DataError) as caught:
        read_record(folder)
    assert str(caught.value) == f"This study's record is not of format 1.\n  where: {folder.record}"


def test_what_is_rescored_and_chosen_stands_in_the_record_and_makes_another_study(folder: StudyFolder) -> None:
    made = plan("drawn", 1, rescore={"test_time.rotations": [4]}, choose={"stages.0.rates": [1e-3, 1e-2]})
    begin_record(folder, made, None, Options(), None)
    record = read_record(folder)
    assert record["grid"] == {"stages.0.rates": ["to be chosen"], "test_time.rotations": ["1", "4"]}
    assert (record["rescore"], record["choose"]) == (
        {"test_time.rotations": [4]},
        {"stages.0.rates": [1e-3, 1e-2]},
    )
    changes = {"stages.0.rates": "to be chosen", "test_time.rotations": "1"}
    assert record["runs"] == [
        {"name": "seed0", "variant": "drawn", "seed": 0, "changes": changes},
        {
            "name": "rotations=4-seed0",
            "variant": "rotations=4",
            "seed": 0,
            "changes": changes | {"test_time.rotations": "4"},
            "rescored_from": "seed0",
        },
    ]
    other = plan("drawn", 1, rescore={"test_time.rotations": [4]}, choose={"stages.0.rates": [1e-3, 1e-1]})
    assert "other choose." in refused(folder, other)
    assert "other grid, settings, rescore, choose." in refused(folder, plan("drawn", 1))


def test_a_study_without_them_is_recorded_as_ever(folder: StudyFolder) -> None:
    begin_record(folder, plan("drawn", 1), None, Options(), None)
    assert not {"rescore", "choose", "choices"} & set(read_record(folder))


def test_what_papers_say_is_told_as_it_is_known_now(folder: StudyFolder) -> None:
    made = plan("prellberg2019-small", 1, choose={"stages.0.rates": ["1e-4", "1e-5"]})
    begin_record(folder, made, None, Options(), None)
    record = read_record(folder)
    before = {**record, "variants": [{"variant": "prellberg2019-small", "published": {"weighted_f1": 0.8}}]}
    write_json(folder.record, before)
    begin_record(folder, made, None, Options(), None)
    assert read_record(folder) == record


@pytest.mark.parametrize(
    ("made", "one"),
    [
        (plan("drawn", 2), False),
        (plan("drawn", 2, split_seed="fixed"), True),
        (plan("drawn", 1), True),
        (plan("drawn", 2, changes={"split.seed": 3}), True),
        (plan("prellberg2019-small", 2), True),
        (plan("grisi2021", 2), False),
    ],
)
def test_whether_all_runs_have_one_split_is_said(folder: StudyFolder, made: Plan, *, one: bool) -> None:
    begin_record(folder, made, None, Options(), None)
    assert read_record(folder)["one_split"] is one


def test_another_word_of_a_recipe_on_itself_makes_no_other_study(folder: StudyFolder) -> None:
    begin_record(folder, plan("drawn", 1), None, Options(), None)
    before = read_record(folder)
    begin_record(folder, plan("drawn", 1, changes={"about.cost": "A second."}), None, Options(), None)
    assert read_record(folder) == before
