from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.errors import DataError
from leukoscope.files import read_json, write_json
from leukoscope.runs.run import Run
from leukoscope.runs.tracked import Value, flattened, told_of

LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just([]) | st.just({})
NAMES = st.text(st.characters(exclude_characters="."), min_size=1, max_size=3)


@settings(deadline=None)
@given(
    st.dictionaries(NAMES, st.recursive(LEAVES, lambda inner: st.dictionaries(NAMES, inner, min_size=1)), min_size=1)
)
def test_every_innermost_value_is_found_under_its_dotted_name(settings: dict[str, object]) -> None:
    for name, value in flattened(settings):
        inner: object = settings
        for key in name.split("."):
            assert isinstance(inner, dict)
            inner = inner[key]
        assert inner is value


def test_settings_are_those_of_the_recipe_as_set_takes_them(finished: Path) -> None:
    assert told_of(Run(finished)).settings == {
        "name": "drawn",
        "task": "cells",
        "framing.0.resize": "32",
        "facts.inputs.count _10_9/l_": "log",
        "stages.0.epochs": "2",
        "stages.0.rates": "0.001",
        "stages.0.patience": "null",
        "stages.0.average": "true",
        "augmentation": "[]",
    }


def test_numbers_are_the_history_s_by_epoch_and_the_scores_with_their_intervals(finished: Path) -> None:
    assert told_of(Run(finished)).values == (
        Value("stage", 1, 1),
        Value("loss", 0.5, 1),
        Value("stage", 1, 2),
        Value("loss", 0.25, 2),
        Value("validation_roc_auc", 0.75, 2),
        Value("threshold", 0.25, 0),
        Value("best_epoch", 2, 0),
        Value("validation/roc_auc", 0.75, 0),
        Value("validation/roc_auc_low", 0.5, 0),
        Value("validation/roc_auc_high", 0.875, 0),
        Value("test/roc_auc", 0.75, 0),
        Value("test/roc_auc_low", 0.5, 0),
        Value("test/roc_auc_high", 0.875, 0),
        Value("test/patients/roc_auc", 1, 0),
    )


def test_what_is_fitted_at_once_has_no_course_and_more_classes_no_threshold(finished: Path) -> None:
    (finished / "history.csv").unlink()
    write_json(finished / "scores.json", {**read_json(finished / "scores.json"), "threshold": None})
    write_json(finished / "run.json", {**read_json(finished / "run.json"), "best_epoch": None})
    assert told_of(Run(finished)).values[0] == Value("validation/roc_auc", 0.75, 0)


def test_tags_say_where_it_comes_from(finished: Path) -> None:
    told = told_of(Run(finished))
    assert told.tags == {
        "leukoscope.id": told.identity,
        "leukoscope.folder": str(finished),
        "leukoscope.version": "0.1.0",
        "recipe": "drawn",
        "task": "cells",
        "data": "drawn",
        "seed": "3",
        "split": "8 patients in train | 4 patients in test, 0 shared, 0 linked",
        "mlflow.note.content": (
            "The whole path.\n\ntest: 60 cells, 4 patients\n\nroc auc: 0.750 (95 % interval 0.500 to 0.875)\n\n"
            "patients told apart, roc auc: 1.000 (no interval: None)"
        ),
    }
    assert (told.name, told.data) == ("first", "drawn")
    assert [path.name for path in told.files] == ["report.html", "scores.json", "recipe.yaml"]
    assert told.finished - told.started == 124_000
    assert told.started == 1_795_242_818_000


def test_a_leaking_split_is_marked_wherever_the_run_is_named(leaking: Path) -> None:
    told = told_of(Run(leaking))
    assert told.name == "\N{LARGE RED CIRCLE} LEAKAGE: first"
    assert told.tags["leakage"] == "\N{LARGE RED CIRCLE} LEAKAGE: to see"
    assert told.tags["mlflow.note.content"].startswith("**\N{LARGE RED CIRCLE} LEAKAGE: to see**\n\nThe whole pa")


def test_a_rescored_run_says_of_which(finished: Path) -> None:
    write_json(finished / "run.json", {**read_json(finished / "run.json"), "rescored_from": {"name": "zero"}})
    assert told_of(Run(finished)).tags["rescored_from"] == "zero"


def test_a_run_is_itself_wherever_it_lies_and_no_other(finished: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(finished, tmp_path / "elsewhere"))
    own = told_of(Run(finished)).identity
    assert told_of(Run(copied)).identity == own
    record = read_json(copied / "run.json")
    for change in (
        {"name": "second"},
        {"started": "2026-11-21T06:33:39+00:00"},
        {"asked": {**record["asked"], "x": 1}},
    ):
        write_json(copied / "run.json", {**record, **change})
        assert told_of(Run(copied)).identity != own


def test_an_unfinished_run_is_not_told(finished: Path) -> None:
    write_json(finished / "run.json", {**read_json(finished / "run.json"), "status": "running"})
    with pytest.raises(DataError, match="This run is not finished"):
        told_of(Run(finished))
