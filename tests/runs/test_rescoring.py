from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from leukoscope.bundles import load_bundle
from leukoscope.cohort.classes import Classes
from leukoscope.cohort.readers import read_cohort
from leukoscope.drawn import draw_cohort
from leukoscope.errors import DataError, SettingsError
from leukoscope.evaluation import choose_threshold
from leukoscope.files import read_json, read_table
from leukoscope.recipes.loading import load_recipe
from leukoscope.runs.conductor import run_recipe
from leukoscope.runs.folder import RunFolder
from leukoscope.runs.options import Options
from leukoscope.runs.rescoring import rescore_run, rescored_recipe
from leukoscope.runs.run import Run

pytestmark = pytest.mark.usefixtures("no_pages_in_module")

TINY = {
    "drawn": None,
    "framing": [{"resize": 32}],
    "model.backbone": "test_resnet",
    "model.cut": None,
    "stages.0.epochs": 2,
    "split.test": 0.5,
    "split.validation": 0.4,
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on drawn cells of sixteen patients, scored as they lie."""
    folder = tmp_path_factory.mktemp("rescoring")
    draw_cohort(folder / "cells", patients=16, cells=6, size=32)
    cohort = read_cohort(folder / "cells", "drawn")
    return run_recipe(load_recipe("drawn", TINY), cohort, RunFolder(folder / "trained"), Options())


@pytest.fixture(scope="module")
def turned(trained: Run) -> Run:
    """The same weights with four views."""
    source, own = RunFolder(trained.folder), RunFolder(trained.folder.with_name("turned"))
    return rescore_run(source, own, ["test_time.rotations=4"], command="leukoscope rescore")


def test_scored_again_with_nothing_changed_it_says_what_the_run_said(trained: Run, tmp_path: Path) -> None:
    again = rescore_run(RunFolder(trained.folder), RunFolder(tmp_path / "again"))
    for part in ("validation", "test"):
        mine, theirs = (run.predictions(part).table.drop("run") for run in (again, trained))
        assert mine.equals(theirs)
    mine, theirs = (run.scores | {"run": None} for run in (again, trained))
    assert mine == theirs
    best = pl.col("epoch") == trained.record["best_epoch"]
    kept = [read_table(run.folder / "history.csv").filter(best)["validation_roc_auc"] for run in (again, trained)]
    assert kept[0].item() == pytest.approx(kept[1].item(), abs=1e-9)


def test_other_views_are_a_run_of_its_own_on_the_same_cells_with_the_same_weights(trained: Run, turned: Run) -> None:
    left = {entry.name for entry in turned.folder.iterdir()}
    assert left == {entry.name for entry in trained.folder.iterdir()} - {"checkpoints", "timings.csv"}
    for name in ("split.csv", "network.csv", "bundle/weights.safetensors"):
        assert (turned.folder / name).read_bytes() == (trained.folder / name).read_bytes()
    mine, theirs = turned.predictions().table, trained.predictions().table
    assert mine.select("id", "label", "group").equals(theirs.select("id", "label", "group"))
    assert not mine["logit"].equals(theirs["logit"])
    assert load_bundle(turned.bundle).card.test_time.rotations == 4


def test_the_history_is_the_training_s_with_the_kept_epoch_as_it_is_scored_now(trained: Run, turned: Run) -> None:
    mine, theirs = (read_table(run.folder / "history.csv") for run in (turned, trained))
    assert mine.select("epoch", "loss").equals(theirs.select("epoch", "loss"))
    now = mine.drop_nulls("validation_accuracy")
    assert now["epoch"].to_list() == [trained.record["best_epoch"]]
    right = turned.predictions("validation").table.select(
        ((pl.col("p_all") >= 0.5) == (pl.col("label") == "all")).mean()
    )
    assert now["validation_accuracy"].item() == pytest.approx(right.item(), abs=1e-12)
    assert mine["validation_loss"].null_count() == mine.height


def test_the_threshold_is_chosen_anew_on_validation(trained: Run, turned: Run) -> None:
    assert turned.threshold == choose_threshold(turned.predictions("validation")).value != trained.threshold


def test_the_record_names_the_source_and_one_opening_of_the_test_part(trained: Run, turned: Run) -> None:
    record, source = turned.record, trained.record
    named = {"name": "trained", "folder": str(trained.folder.resolve()), "started": source["started"]}
    assert record["rescored_from"] == named
    assert (record["status"], len(record["test_opened"])) == ("finished", 1)
    assert (record["best_epoch"], record["weights"]) == (source["best_epoch"], source["weights"])
    assert set(record["seconds"]) == {"preparation", "scoring"}
    assert record["command"] == "leukoscope rescore"


def test_what_is_finished_is_left_alone_and_others_are_refused(trained: Run, turned: Run, tmp_path: Path) -> None:
    source, own = RunFolder(trained.folder), RunFolder(turned.folder)
    before = own.record.read_bytes()
    assert rescore_run(source, own, {"test_time.rotations": 4}).folder == turned.folder
    assert own.record.read_bytes() == before
    with pytest.raises(SettingsError) as caught:
        rescore_run(source, own, {"test_time.rotations": 8})
    assert str(caught.value) == (
        "This folder holds a rescoring of 'trained', or one with other settings.\n"
        f"  where: {own.path}\n  what to do: Name another --out."
    )
    other = RunFolder(Path(shutil.copytree(trained.folder, tmp_path / "trained")))
    assert rescore_run(other, own, {"test_time.rotations": 4}).folder == turned.folder  # moved, the same run
    other.update(started="2001-01-01T00:00:00+00:00")  # another study's run of that name
    with pytest.raises(SettingsError, match="This folder holds a rescoring of 'trained'"):
        rescore_run(other, own, {"test_time.rotations": 4})
    with pytest.raises(SettingsError, match="This folder already holds a run"):
        rescore_run(own, source, {"test_time.rotations": 1})


def test_a_rescored_run_can_be_rescored(trained: Run, turned: Run, tmp_path: Path) -> None:
    back = rescore_run(RunFolder(turned.folder), RunFolder(tmp_path / "back"), {"test_time.rotations": 1})
    assert back.predictions().table.drop("run").equals(trained.predictions().table.drop("run"))


def test_pictures_that_were_moved_are_found_where_they_are_said_to_be(trained: Run, tmp_path: Path) -> None:
    moved = Path(shutil.copytree(trained.folder.parent / "cells", tmp_path / "moved"))
    cohort = read_cohort(moved, "drawn")
    again = rescore_run(
        RunFolder(trained.folder), RunFolder(tmp_path / "again"), ["threshold.value=0.25"], cohort=cohort
    )
    assert (again.threshold, again.scores["threshold"]["rule"]) == (0.25, "given by the recipe")
    assert again.record["data"]["root"] == str(moved.resolve())


def test_views_are_not_spared_where_there_is_no_threshold(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    three = SimpleNamespace(classes=Classes(("a", "b", "c")))
    monkeypatch.setattr("leukoscope.runs.rescoring.saved_cohort", lambda *_: three)
    spared = {"test_time.rotations": 4, "test_time.adaptive": True}
    with pytest.raises(SettingsError, match=r"test_time\.adaptive: true\); there are 3"):
        rescore_run(RunFolder(trained.folder), RunFolder(tmp_path / "again"), spared)


def test_a_run_that_is_not_finished_has_no_weights_to_score(trained: Run, tmp_path: Path) -> None:
    stopped = RunFolder(Path(shutil.copytree(trained.folder, tmp_path / "stopped")))
    stopped.update(status="interrupted")
    with pytest.raises(DataError, match=r"This run is not finished \(status: interrupted\)"):
        rescore_run(stopped, RunFolder(tmp_path / "again"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            "stages.0.epochs=3",
            "'stages.0.epochs' cannot be changed without training anew.\n  where: stages.0.epochs",
        ),
        (
            "test_tim.rotations=1",
            (
                "'test_tim.rotations' cannot be changed without training anew.\n  where: test_tim.rotations\n"
                "  what to do: Did you mean 'test_time.rotations'? Known: refer."
            ),
        ),
    ],
)
def test_what_training_knows_of_is_refused_by_name(change: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        rescored_recipe(load_recipe("drawn"), [change])
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("changes", "what"),
    [({}, "a late fusion with facts"), ({"facts": {}}, "a logistic regression as head")],
)
def test_what_was_fitted_on_the_views_is_not_scored_with_others(changes: dict[str, object], what: str) -> None:
    with pytest.raises(SettingsError) as caught:
        rescored_recipe(load_recipe("lyon-fusion", changes), ["threshold.value=0.5"])
    assert str(caught.value) == (
        f"This run has {what}, which was fitted on what its network said: it cannot be scored otherwise.\n"
        "  where: recipe lyon-fusion\n  what to do: Train it anew with the other settings (leukoscope train)."
    )


@pytest.mark.torture
def test_killed_and_called_again_it_ends_with_the_same_scores(trained: Run, turned: Run, tmp_path: Path) -> None:
    own = tmp_path / "turned"
    program = (
        "from leukoscope.runs.folder import RunFolder; from leukoscope.runs.rescoring import rescore_run\n"
        "from pathlib import Path\n"
        f"rescore_run(RunFolder(Path({str(trained.folder)!r})), RunFolder(Path({str(own)!r})), "
        "['test_time.rotations=4'])"
    )
    for mark in ("split.csv", "predictions/test.parquet"):
        with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL) as one:
            until = time.monotonic() + 900
            while not (own / mark).exists():
                assert one.poll() is None
                assert time.monotonic() < until
                time.sleep(0.02)
            os.kill(one.pid, signal.SIGKILL)
    again = rescore_run(RunFolder(trained.folder), RunFolder(own), ["test_time.rotations=4"])
    assert read_json(own / "scores.json") == read_json(turned.folder / "scores.json")
    assert again.predictions().table.equals(turned.predictions().table)
    assert len(again.record["test_opened"]) == 1
