"""The folder of an ensemble, from tables of predictions that others made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from leukoscope.errors import DataError, SettingsError
from leukoscope.evaluation import point_scores
from leukoscope.files import read_json, write_json
from leukoscope.predictions.foreign import read_foreign
from leukoscope.recipes.schema import ThresholdSettings
from leukoscope.runs.ensembling import Ensemble, ensemble, write_ensembles
from leukoscope.runs.members import read_members

QUICK: dict[str, dict[str, Any]] = {"average": {}, "genetic": {"generations": 5, "restarts": 2}, "stacked": {}}
MakeTable = Callable[..., Path]


def table_of(
    seed: int, edge: float, *, patients: int = 24, leakage: str | None = None, known: bool = True
) -> pl.DataFrame:
    """Return predictions of five cells of each patient; every second pair of patients is of the test part."""
    shared, own = np.random.default_rng(0), np.random.default_rng(seed)
    code = np.repeat(np.arange(patients), 5)
    truth, hard = code % 2, shared.normal(0, 0.6, patients)
    chance = expit(edge * (truth - 0.5) + hard[code] + own.normal(0, 1.2, len(code)))
    columns = {
        "id": [f"c{place}" for place in range(len(code))],
        "patient": [f"P{one}" for one in code] if known else None,
        "part": np.where(code // 2 % 2 == 0, "validation", "test"),
        "label": np.array(["hem", "all"])[truth],
        "p_hem": 1 - chance,
        "p_all": chance,
        "leakage": leakage,
    }
    return pl.DataFrame(columns)


@pytest.fixture
def make_table(tmp_path: Path) -> MakeTable:
    """Return what writes a model's predictions and returns the file; see ``table_of``."""

    def make(name: str, seed: int, edge: float = 3.0, **settings: Any) -> Path:
        table_of(seed, edge, **settings).write_csv(tmp_path / name)
        return tmp_path / name

    return make


@pytest.fixture
def models(make_table: MakeTable) -> list[Path]:
    """Three models of different skill."""
    return [make_table(f"net{seed}.csv", seed, edge) for seed, edge in ((1, 2.0), (2, 3.5), (3, 4.5))]


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file's bytes by its path, but for locks."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_each_rule_has_its_folder_and_row(models: list[Path], tmp_path: Path) -> None:
    found = ensemble(models, tmp_path / "out", rules=QUICK, seed=3)
    table = found.table
    assert table["name"].to_list() == ["net1", "net2", "net3", *QUICK]
    assert table["kind"].to_list() == ["member"] * 3 + ["rule"] * 3
    assert table["test_patients"].to_list() == [12] * 6
    for name in (
        "weighted_f1",
        "roc_auc",
        "sensitivity",
        "specificity",
        "precision_all",
        "recall_hem",
        "f1_all",
        "patient_roc_auc",
    ):
        for part in ("validation", "test"):
            row = table.select(pl.col(f"{part}_{name}{end}") for end in ("_low", "", "_high"))
            assert all(low <= value <= high for low, value, high in row.iter_rows()), name
    assert table["test_support_all"].to_list() == [30] * 6
    record = found.record
    assert record["best_member_on_validation"] == "net3"
    assert [record["rules"][name]["out_of_fold"]["folds"] for name in QUICK] == [0, 5, 5]
    assert record["rules"]["genetic"]["out_of_fold"]["kept_together"] == "patient"
    assert set(record["rules"]["genetic"]["fitted"]["weights"]) == {"net1", "net2", "net3"}
    assert record["parts"]["validation"] == {"cells": 60, "patients": 12, "groups": 12}
    scores = read_json(found.rule("average") / "scores.json")
    assert scores["threshold"]["rule"] == "the largest balanced accuracy"
    assert scores["parts"]["test"]["threshold"] == scores["threshold"]["value"]
    assert not (found.rule("average") / "run.json").exists(), "no run, where members are tables"


def test_the_average_says_the_mean_of_its_members(models: list[Path], tmp_path: Path) -> None:
    found = ensemble(models, tmp_path / "out", rules=["average"])
    said = read_foreign(found.rule("average") / "predictions" / "test.parquet").table.sort("id")
    means = [read_foreign(path).table.filter(part="test").sort("id")["p_all"].to_numpy() for path in models]
    assert np.abs(said["p_all"].to_numpy() - np.mean(means, axis=0)).max() < 1e-12
    turned = ensemble(models[::-1], tmp_path / "turned", rules=["average"])
    other = read_foreign(turned.rule("average") / "predictions" / "test.parquet").table.sort("id")
    assert np.abs(said["p_all"].to_numpy() - other["p_all"].to_numpy()).max() < 1e-12


def test_what_is_told_of_validation_is_out_of_fold_and_the_fit_on_all_stands_beside(
    models: list[Path], tmp_path: Path
) -> None:
    found = ensemble(models, tmp_path / "out", rules=["stacked"])
    told = found.record["rules"]["stacked"]
    said = read_foreign(found.rule("stacked") / "predictions" / "validation.parquet")
    assert point_scores(said)["weighted_f1"] == told["out_of_fold"]["weighted_f1"]
    model = told["fitted"]["regression"]
    parts = [read_foreign(path).table.filter(part="validation").sort("id")["p_all"].to_numpy() for path in models]
    logits = np.log(np.array(parts) / (1 - np.array(parts))).T
    whole = ((logits - model["means"]) / model["scales"]) @ np.array(model["coefficients"]).T + model["intercepts"]
    own = said.table.sort("id")["p_all"].to_numpy()
    assert np.abs(expit(whole[:, 0]) - own).max() > 1e-3, "a row is said by a fit without its patient"


def test_called_again_it_leaves_every_byte_and_another_is_refused(models: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    ensemble(models, out, rules=QUICK, seed=3)
    before = contents(out)
    ensemble(models, out, rules=QUICK, seed=3)
    assert contents(out) == before
    for other, named in ((lambda: ensemble(models, out, rules=QUICK, seed=4), "seed"),
                         (lambda: ensemble(models, out, seed=3), "rules"),
                         (lambda: ensemble(models[:2], out, rules=QUICK, seed=3), "models")):  # fmt: skip
        with pytest.raises(SettingsError) as caught:
            other()
        assert str(caught.value) == (
            f"This folder holds another ensemble: its {named} differ.\n  where: {out}\n"
            "  what to do: Name another --out."
        )
    assert contents(out) == before


def test_stopped_in_the_middle_it_goes_on_to_the_same_bytes(
    models: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, out = ensemble(models, tmp_path / "whole", rules=QUICK), tmp_path / "out"

    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as changed:
        changed.setattr("leukoscope.ensembles.stacked.Stacked.fit", stop)
        with pytest.raises(KeyboardInterrupt):
            ensemble(models, out, rules=QUICK)
    kept = contents(out)
    assert "rules/genetic/scores.json" in kept
    ensemble(models, out, rules=QUICK)
    one, other = contents(whole.folder), contents(out)
    assert set(one) == set(other)
    timed = {"ensemble.json", "ensemble.html"}  # these say when it was begun
    assert [name for name in one if one[name] != other[name] and name not in timed] == []
    assert other["rules/genetic/scores.json"] == kept["rules/genetic/scores.json"]


def test_leakage_of_one_member_marks_everything(make_table: MakeTable, tmp_path: Path) -> None:
    models = [make_table("a.csv", 1), make_table("b.csv", 2, leakage="as published")]
    found = ensemble(models, tmp_path / "out", rules=["average"])
    scores = read_json(found.rule("average") / "scores.json")
    assert found.record["leakage"] == scores["leakage"] == scores["parts"]["test"]["leakage"] == "as published"
    assert read_foreign(found.rule("average") / "predictions" / "test.parquet").leakage == "as published"
    assert "LEAKAGE: as published" in repr(found)
    assert "Leakage:" in (tmp_path / "out" / "ensemble.html").read_text(encoding="utf-8")


def test_unknown_patients_are_noted(make_table: MakeTable, tmp_path: Path) -> None:
    models = [make_table("a.csv", 1, known=False), make_table("b.csv", 2, known=False)]
    found = ensemble(models, tmp_path / "out", rules={"average": None, "stacked": None})
    (note,) = found.record["notes"]
    assert note.startswith("stacked regression: whose cells these are is not known, so the rule was tried on left-out")
    assert read_json(found.rule("stacked") / "scores.json")["warnings"] == [note]
    assert found.table["test_patients"].null_count() == 4
    assert "whose they are is not known" in (tmp_path / "out" / "ensemble.html").read_text(encoding="utf-8")


def test_more_than_two_classes_have_no_threshold_and_no_sensitivity(tmp_path: Path) -> None:
    code = np.repeat(np.arange(24), 5)
    names = ("eo", "ly", "mo")
    models = []
    for seed in (1, 2):
        shares = np.random.default_rng(seed).dirichlet(np.ones(3), len(code)) + 0.6 * np.eye(3)[code % 3]
        shares /= shares.sum(axis=1, keepdims=True)
        rows = {"id": [f"c{place}" for place in range(len(code))], "patient": [f"P{one}" for one in code],
                "part": np.where(code < 12, "validation", "test"), "label": np.array(names)[code % 3]}  # fmt: skip
        models.append(tmp_path / f"m{seed}.csv")
        pl.DataFrame({**rows, **{f"p_{name}": shares[:, k] for k, name in enumerate(names)}}).write_csv(models[-1])
    found = ensemble(models, tmp_path / "out", rules=QUICK)
    assert found.table["threshold"].null_count() == 5
    assert "test_sensitivity" not in found.table.columns
    assert found.table["test_recall_mo"].null_count() == 0
    regression = found.record["rules"]["stacked"]["fitted"]["regression"]
    assert len(regression["coefficients"]) == 3
    assert ">Mo: 20 cells<" in (tmp_path / "out" / "ensemble.html").read_text(encoding="utf-8")


def test_it_can_be_written_into_a_folder_that_holds_other_things(models: list[Path], tmp_path: Path) -> None:
    write_json(tmp_path / "run" / "run.json", {})
    threshold = ThresholdSettings(value=0.3)
    published = {"average": {"paper": "Baldi & Cioffo 2021", "protocol": None, "figures": {"weighted_f1": 0.9503}}}
    found = write_ensembles(
        read_members(models), tmp_path / "run", {"average": {}}, threshold=threshold, seed=0, published=published
    )
    scores = read_json(found.rule("average") / "scores.json")
    assert scores["threshold"]["value"] == 0.3
    assert scores["published"] == published["average"]
    with pytest.raises(SettingsError) as caught:
        ensemble(models, tmp_path)
    assert str(caught.value) == (
        f"This folder is not empty, and holds no ensemble.\n  where: {tmp_path}\n  what to do: Name another --out."
    )


def test_a_folder_without_an_ensemble_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        Ensemble(tmp_path)
    assert str(caught.value) == (
        f"This folder holds no ensemble.\n  where: {tmp_path}\n  what to do: Name the --out of ensemble."
    )


def refusal(models: list[Path], tmp_path: Path) -> str:
    """Return why models cannot be combined."""
    with pytest.raises((DataError, SettingsError)) as caught:
        ensemble(models, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    return str(caught.value)


def test_unequal_classes_cells_labels_and_parts_are_refused(make_table: MakeTable, tmp_path: Path) -> None:
    first, table = make_table("a.csv", 1), table_of(2, 3.0)
    other = tmp_path / "b.csv"
    swapped = {"validation": "test", "test": "validation"}
    cases: dict[str, pl.DataFrame] = {
        "'a' tells hem, all of each cell, 'b' tells hem, third, all of each cell.\n  where: model b\n"
        "  what to do: Combine models of the same classes, in the same order.": table.with_columns(p_third=pl.lit(0.0)),
        "'a' speaks of rows that 'b' does not (60 and 59 rows).\n  where: id c0\n"
        "  what to do: Combine models that were scored on the same split of the same data.": table.filter(
            pl.col("id") != "c0"
        ),
        "'b' gives a row another label than 'a': 'all', not 'hem'.\n  where: id c0\n"
        "  what to do: Combine models of the same split; 1 row differ.": table.with_columns(
            label=pl.when(id="c0").then(pl.lit("all")).otherwise("label")
        ),
        "'a' speaks of rows that 'b' does not (60 and 60 rows).\n  where: id c0 (and 59 more)\n"
        "  what to do: Combine models that were scored on the same split of the same data.": table.with_columns(
            pl.col("part").replace(swapped)
        ),
        f"This table has no row of the validation part.\n  where: {other}\n"
        "  what to do: Give it a column 'part' that says validation or test of each row.": table.filter(part="test"),
    }
    for message, content in cases.items():
        columns = ["id", "patient", "part", "label", *sorted(name for name in content.columns if name[:2] == "p_")]
        ordered = [name for name in ("p_hem", "p_third", "p_all") if name in columns]
        content.select("id", "patient", "part", "label", *ordered).write_csv(other)
        assert refusal([first, other], tmp_path) == message
    assert refusal([first], tmp_path) == (
        "This needs two models or more.\n  what to do: Name run folders, or tables of predictions."
    )
    assert (
        refusal([first, first], tmp_path) == f"A model is named twice.\n  where: {first}\n  what to do: Name each once."
    )
