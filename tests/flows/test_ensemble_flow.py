"""Two tiny runs, one answer: the verb, and what the other verbs make of a rule's folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from leukoscope import Run
from leukoscope.errors import DataError
from leukoscope.files import read_json

Command = Callable[..., tuple[int, str, str]]
TINY = (
    "stages.0.epochs=1", "drawn.patients=16", "drawn.cells=4", "drawn.size=32", "split.test=0.4", "split.seed=1",
    "framing=[{resize: 32}]", "model.backbone=test_resnet", "model.cut=null",
)  # fmt: skip


@pytest.fixture
def runs(verb: Command, tmp_path: Path) -> list[Path]:
    """Two runs of one split with other first weights."""
    made = []
    for seed in (0, 1):
        words = [word for change in (*TINY, "drawn.seed=7") for word in ("--set", change)]
        code, _, err = verb("train", "drawn", "--out", tmp_path / f"net{seed}", "--seed", seed, *words)
        assert code == 0, err
        made.append(tmp_path / f"net{seed}")
    return made


@pytest.mark.usefixtures("no_pages")
def test_runs_are_combined_compared_and_reported(verb: Command, runs: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "both"
    code, said, err = verb("ensemble", *runs, "--out", out, "--set", "genetic.generations=3", "--seed", 2)
    assert code == 0, err
    assert f"Ensemble {out}: 2 models, average, genetic, greedy, stacked, most_confident" in said
    assert "member net0: weighted F1 validation" in said
    record = read_json(out / "ensemble.json")
    assert record["settings"]["genetic"]["generations"] == 3
    assert record["members"] == [{"name": path.name, "folder": str(path)} for path in runs]
    folder = out / "rules" / "genetic"
    run = Run(folder)
    assert run.record["ensemble_of"] == record["members"]
    assert run.record["split"] == Run(runs[0]).record["split"]
    assert (folder / "split.csv").read_bytes() == (runs[0] / "split.csv").read_bytes()
    assert run.predictions().table["id"].sort().to_list() == Run(runs[0]).predictions().table["id"].sort().to_list()
    with pytest.raises(DataError) as caught:
        _ = run.bundle
    assert str(caught.value) == (
        f"This is an ensemble of 2 runs, and has no bundle of its own.\n  where: {folder}\n"
        "  what to do: Call ensemble again with --bundle genetic, or predict with the bundles of its members: "
        f"{runs[0]}/bundle, {runs[1]}/bundle."
    )
    code, said, err = verb("compare", runs[0], folder, "--out", tmp_path / "compared", "--replicates", 100)
    assert code == 0, err
    differing = (tmp_path / "compared" / "differences.csv").read_text(encoding="utf-8")
    assert "rule,none,genetic" in differing
    assert "split." not in differing
    code, said, err = verb("report", folder)
    assert code == 0, err
    assert "An ensemble of 2 models learned from" in (folder / "report.html").read_text(encoding="utf-8")
    again = ("ensemble", *runs, "--out", out, "--set", "genetic.generations=3", "--seed", 2, "--bundle", "genetic")
    code, _, err = verb(*again)
    assert code == 0, err
    assert read_json(folder / "run.json") == run.record
    code, said, err = verb("predict", run.bundle, run.cohort.root, "--out", tmp_path / "said.csv", "--device", "cpu")
    assert code == 0, err
    assert "64 cells predicted" in said


@pytest.mark.usefixtures("no_pages")
def test_another_split_and_a_wrong_setting_are_refused(verb: Command, runs: list[Path], tmp_path: Path) -> None:
    words = [word for change in (*TINY, "drawn.seed=7", "split.seed=2") for word in ("--set", change)]
    assert verb("train", "drawn", "--out", tmp_path / "other", *words)[0] == 0
    code, _, err = verb("ensemble", runs[0], tmp_path / "other", "--out", tmp_path / "out")
    assert code == 2
    assert "Combine models that were scored on the same split of the same data." in err
    code, _, err = verb("ensemble", *runs, "--rule", "average", "--set", "genetic.steps=3", "--out", tmp_path / "out")
    assert code == 2
    assert "'genetic.steps' is no setting of a rule that is asked for." in err
    assert "Write RULE.SETTING=VALUE, of one of: average." in err
    assert not (tmp_path / "out").exists()
