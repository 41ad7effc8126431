"""A comparison from folders to page: what is written, what is refused, and that the page says what the tables say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from leukoscope.errors import DataError, SettingsError
from leukoscope.reports.comparison_page import write_comparison_page
from leukoscope.reports.comparison_tables import TABLE
from leukoscope.studies.comparison import Comparison, compare

Make = Callable[..., Path]
VARIANTS = {
    "all": {"edge": 4.0},
    "1e-3": {"edge": 0.5, "changes": {"stages.0.rates": 1e-3, "best_epoch.metric": "loss"}},
}


@pytest.fixture(scope="module")
def compared(make_study: Make, tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    folder = tmp_path_factory.mktemp("compared")
    study = make_study(folder / "study", VARIANTS, range(5), ["1e-3-seed4"])
    return compare([study], folder / "out", scores=["roc_auc"], alternative="greater", replicates=100, command="typed")


def test_every_test_has_its_row_and_its_words(compared: Comparison) -> None:
    table = compared.table
    assert dict(table.schema) == TABLE
    assert set(table["second"]) == {"1e-3"}, "a name stays as it was written"
    done = table.filter(pl.col("refused").is_null())
    assert done.height == table.height == 2 + 4 * 4
    assert done.select(pl.all_horizontal(pl.col("p_holm") >= pl.col("p"))).to_series().all()
    assert all("Holm's correction" in words for words in done["words"])
    ranks = done.filter(pl.col("test") == "mann_whitney").row(0, named=True)
    assert ranks["verdict"] == "all is higher, beyond chance"
    assert (ranks["first_number"], ranks["second_number"], ranks["smallest_p"]) == (5, 4, pytest.approx(1 / 126))
    pairs = done.filter(pl.col("test") == "wilcoxon").row(0, named=True)
    assert pairs["verdict"].startswith("Too few pairs of runs to show anything at 5 % (at best p = 0.0625")


def test_what_differs_and_what_is_missing_is_told(compared: Comparison) -> None:
    differing = compared.differences
    assert differing.columns == ["kind", "setting", "all", "1e-3"]
    assert [row[:2] for row in differing.rows()] == [
        ("network and training", "stages.0.rates"),
        ("choosing and scoring", "best_epoch.metric"),
        ("seeds", "seed"),
    ]
    assert differing["1e-3"].to_list() == ["0.001", "loss", "0; 1; 2; 3"]
    missing = (
        "all and 1e-3: of 5 and 4 runs 4 have a partner of the same seed; over all runs they were scored on 69 and 69 "
        "rows, 69 of them the same. Paired tests take 4 pairs only."
    )
    assert compared.cautions == [
        "1e-3: 1 of 5 runs are not finished and missing: 1e-3-seed4.",
        missing,
        "all and 1e-3: 2 settings differ (stages.0.rates, best_epoch.metric); no test can say which of them does it.",
        "all and 1e-3: not only the networks differ but also how they were scored (best_epoch.metric).",
    ]


def test_the_object_says_it_in_a_few_lines(compared: Comparison) -> None:
    said = repr(compared).splitlines()
    assert said[0] == f"Comparison {compared.folder}: all against 1e-3 (test part)"
    assert "  Would other seeds say the same?" in said
    assert said[-1] == f"  page: {compared.page}"
    assert compared._repr_html_().startswith("<pre>Comparison ")
    with pytest.raises(DataError, match="This folder holds no comparison"):
        Comparison(compared.folder.parent)


def test_the_page_is_made_of_the_tables_alone(compared: Comparison, tmp_path: Path) -> None:
    before = compared.page.read_bytes()
    assert write_comparison_page(compared.folder).read_bytes() == before
    page = before.decode()
    assert page.count("<script") == page.count("http://") == 0
    for number in ("+0.", "all is higher, beyond chance", "McNemar on cells", "1e-3-seed4", "stages.0.rates"):
        assert number in page
    figures = {path.name for path in compared.place.figures.iterdir()}
    assert figures == {f"{name}.{ending}" for name in ("distributions", "differences") for ending in ("svg", "png")}
    with pytest.raises(DataError, match="This folder holds no comparison"):
        write_comparison_page(tmp_path)


def test_a_leak_marks_everything(make_run: Make, tmp_path: Path) -> None:
    sides = [make_run(tmp_path / "x", leakage="to <see>."), make_run(tmp_path / "y", seed=1)]
    found = compare(sides, tmp_path / "out", replicates=100, part="validation")
    assert found.cautions[0] == "x: leakage: to <see>."
    assert found.cautions[1].startswith("Epochs and thresholds were chosen on the validation part")
    assert "LEAKAGE: to <see>." in repr(found)
    page = found.page.read_text(encoding="utf-8")
    assert "to &lt;see&gt;." in page
    assert "LEAKAGE" in (found.place.figures / "distributions.svg").read_text(encoding="utf-8")


def test_unequal_cells_are_refused_where_pairs_are_needed(make_run: Make, tmp_path: Path) -> None:
    sides = [make_run(tmp_path / "x"), make_run(tmp_path / "y", rows=1)]
    found = compare(sides, tmp_path / "out", replicates=100)
    refused = found.table.filter(pl.col("test") == "bootstrap")["refused"].to_list()
    why = "of 1 pair of runs 1 were scored on other rows"
    assert refused == [f"No run of one side was scored on the same rows as its partner on the other: {why}."]
    assert any("Paired tests are refused" in caution for caution in found.cautions)


def test_a_folder_of_something_else_and_unknown_words_are_refused(make_run: Make, tmp_path: Path) -> None:
    sides = [make_run(tmp_path / "x"), make_run(tmp_path / "y", seed=1)]
    with pytest.raises(SettingsError, match="This folder is not empty, and holds no comparison"):
        compare(sides, tmp_path)
    for settings, what in (
        ({"scores": ["roc"]}, r"There is no score 'roc' here\.\n  what to do: Did you mean 'roc_auc'"),
        ({"alternative": "more"}, "There is no alternative 'more' here"),
        ({"part": "train"}, "There is no part 'train' here"),
        ({"replicates": 10}, "Intervals need 100 replicates or more; got 10"),
    ):
        with pytest.raises(SettingsError, match=what):
            compare(sides, tmp_path / "out", **settings)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_losses_are_told_right_in_table_terminal_and_page(make_study: Make, tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", {"sharp": {"edge": 6.0}, "dull": {"edge": 0.0}}, range(5))
    found = compare([study], tmp_path / "out", scores=["brier", "ece"], replicates=100)
    ranks = found.table.filter(pl.col("test") == "mann_whitney")
    assert set(ranks["effect_is"]) == {"probability of a higher value"}
    assert set(ranks["verdict"]) == {"sharp is lower (better), beyond chance"}
    said = (
        "Mann-Whitney U, sharp against dull: Brier score 0.016 against 0.296 (smaller is better), means of 5 and 5 "
        "runs; sharp is the lower in 100 of 100 pairs (ties count half). sharp is lower (better), beyond chance: "
        "p = 0.008, p = 0.016 after Holm's correction for 2 tests. It speaks of other seeds on these 12 patients, not "
        "of other patients."
    )
    assert said in repr(found)
    page = found.page.read_text(encoding="utf-8")
    for score in ("Brier score", "ECE"):
        assert f"sharp against dull: {score} (smaller is better)" in page
    assert page.count("sharp is lower (better), beyond chance") == found.table["verdict"].to_list().count(
        "sharp is lower (better), beyond chance"
    )
    assert "higher (" not in page
