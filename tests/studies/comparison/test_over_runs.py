from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from scipy import stats

from leukoscope.evaluation.significance import corrected_t
from leukoscope.runs.run import Run
from leukoscope.studies.comparison.cautions import cautions_of
from leukoscope.studies.comparison.differences import differences_table
from leukoscope.studies.comparison.families import with_families
from leukoscope.studies.comparison.over_runs import rows_over_runs
from leukoscope.studies.comparison.pairing import paired_runs, shared_rows
from leukoscope.studies.comparison.scored_run import ScoredRun
from leukoscope.studies.comparison.sides import Side, sides_of
from leukoscope.studies.comparison.wording import with_words

Make = Callable[..., Path]
PAIR = {"a": {"edge": 2.0}, "b": {"edge": 1.5}}


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_both_tests_are_those_of_scipy_on_the_runs_values(make_study: Make, tmp_path: Path, alternative: str) -> None:
    one, other = sides_of([make_study(tmp_path / "study", PAIR, range(6))], "test")
    for score in ("roc_auc", "patient_roc_auc"):
        ranks, pairs = rows_over_runs(one, other, score, alternative)  # type: ignore[arg-type]
        values = [one.values(score), other.values(score)]
        found = stats.mannwhitneyu(*values, alternative=alternative, method="exact")
        if len({*values[0], *values[1]}) == 12:
            assert (ranks["statistic"], ranks["p"]) == (
                pytest.approx(found.statistic),
                pytest.approx(found.pvalue, abs=1e-9),
            )
        assert ranks["effect"] == pytest.approx(found.statistic / 36)
        assert ranks["first_value"] == pytest.approx(sum(values[0]) / 6)
        if 0 not in (differences := [x - y for x, y in zip(*values, strict=True)]) and len(set(differences)) == 6:
            expected = stats.wilcoxon(*values, alternative=alternative, method="exact").pvalue
            assert pairs["p"] == pytest.approx(expected, abs=1e-9)
        assert (ranks["patients"], ranks["groups"], pairs["first_number"]) == (12, 12, 6)
        assert ranks["cells"] == one.runs[0].predictions.table.height


def test_only_runs_of_one_seed_on_the_same_rows_are_pairs(make_study: Make, tmp_path: Path) -> None:
    moving = {"a": {"moving": True}, "b": {"moving": True, "edge": 1.0}}
    study = make_study(tmp_path / "study", moving, range(4), ["b-seed2"])
    one, other = sides_of([study], "test")
    pairing = paired_runs(one, other)
    assert [(pair.first.name, pair.second.name) for pair in pairing.pairs] == [
        ("a-seed0", "b-seed0"), ("a-seed1", "b-seed1"), ("a-seed3", "b-seed3"),
    ]  # fmt: skip
    assert pairing.why == "of 4 and 3 runs 3 have a partner of the same seed"
    still = make_study(tmp_path / "still", {"c": {}}, range(4))
    _, far = sides_of([study / "runs" / "a-seed0", still], "test")
    assert paired_runs(one, far).why == "of 4 pairs of runs 3 were scored on other rows"
    cells = [run.predictions.table.height for run in one.runs]
    assert shared_rows(one, far) == (sum(cells), cells[0], cells[0])


def test_two_single_runs_are_a_pair_by_their_rows_alone(make_run: Make, tmp_path: Path) -> None:
    one, other = sides_of([make_run(tmp_path / "x", seed=1), make_run(tmp_path / "y", seed=2)], "test")
    assert len(paired_runs(one, other).pairs) == 1
    one, other = sides_of([make_run(tmp_path / "v", seed=1), make_run(tmp_path / "w", seed=1, rows=1)], "test")
    assert paired_runs(one, other).pairs == ()


def test_a_single_run_says_nothing_of_seeds(make_run: Make, tmp_path: Path) -> None:
    one, other = sides_of([make_run(tmp_path / "x", seed=1), make_run(tmp_path / "y", seed=2)], "test")
    ranks, pairs = rows_over_runs(one, other, "roc_auc", "two-sided")
    assert ranks["refused"] == "'x' has 1 run with this score: nothing says how far another seed would move it."
    assert (
        pairs["refused"]
        == "Fewer than two pairs of runs of one seed on the same rows: there is 1 pair with this score."
    )
    assert "p" not in ranks | pairs


def test_sides_without_a_common_seed_have_no_pairs(make_study: Make, tmp_path: Path) -> None:
    named = [make_study(tmp_path / "x", {"a": {}}, [0, 1]), make_study(tmp_path / "y", {"b": {}}, [2, 3])]
    one, other = sides_of(named, "test")
    ranks, pairs = rows_over_runs(one, other, "roc_auc", "two-sided")
    assert ranks["smallest_p"] == pytest.approx(2 / 6)
    assert pairs["refused"] == (
        "Fewer than two pairs of runs of one seed on the same rows: the sides have no seed in common."
    )


def test_folds_are_paired_fold_by_fold_and_tested_with_what_they_share(make_run: Make, tmp_path: Path) -> None:
    sides = []
    for name, edge in (("a", 3.0), ("b", 1.0)):
        folds = [{"split.kind": "folds", "split.folds": 4, "split.fold": fold} for fold in range(4)]
        runs = [
            make_run(tmp_path / f"{name}{place}", rows=place, edge=edge, changes=own) for place, own in enumerate(folds)
        ]
        sides.append(Side(name, tuple(ScoredRun(run.name, Run(run), "test") for run in runs), tmp_path))
    assert [(pair.first.fold, pair.second.fold) for pair in paired_runs(*sides).pairs] == [(n, n) for n in range(4)]
    ranks, signed, found = rows_over_runs(*sides, "roc_auc", "greater")
    overlap = "The runs are folds, whose training parts overlap, and ranks take them as independent."
    assert (ranks["test"], signed["test"]) == ("mann_whitney", "wilcoxon")
    assert (ranks["refused"], signed["refused"]) == (overlap, overlap)
    expected = corrected_t(sides[0].values("roc_auc"), sides[1].values("roc_auc"), folds=4, alternative="greater")
    assert [found[name] for name in ("p", "low", "high", "difference")] == [
        expected.p, expected.low, expected.high, expected.difference,
    ]  # fmt: skip
    (told,) = with_words(with_families([found]))
    assert told["words"].startswith("ROC AUC ")
    assert ", over 4 pairs of folds. a is higher, beyond chance: p" in told["words"]
    assert told["words"].endswith("It speaks of the two ways of training, on these 12 patients, not of two networks.")
    few = cautions_of(sides, differences_table(sides), "test")
    assert few[0] == (
        "a, b: the runs are folds, so each test on their rows is of a part of the patients alone; all of them stand "
        "behind the corrected t-test."
    )
