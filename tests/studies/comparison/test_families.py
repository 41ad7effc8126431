from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from leukoscope.reports.comparison_words import TESTS, kind_of_test
from leukoscope.studies.comparison import compare
from leukoscope.studies.comparison.families import families_of, with_families


def row(test: str, p: float | None, smallest: float | None = None, unit: str = "run") -> dict[str, object]:
    return {"test": test, "unit": unit, "p": p, "smallest_p": smallest, "refused": None}


@pytest.mark.usefixtures("no_sweeping_up")
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_each_kind_of_test_is_corrected_over_all_of_its_own(one: list[float], other: list[float]) -> None:
    mixed = [row("mann_whitney", p) for p in one] + [row("delong", p) for p in other]
    found = with_families(mixed)
    for family, values in (("mann_whitney", one), ("delong", other)):
        own = [item for item in found if item["family"] == family]
        assert [item["p_holm"] for item in own] == pytest.approx(multipletests(values, method="holm")[1], abs=1e-9)
        assert {item["family_tests"] for item in own} == {len(values)}


def test_refused_tests_and_tests_without_p_are_in_no_family() -> None:
    mixed = [row("wilcoxon", 0.03), row("wilcoxon", None), row("wilcoxon", 0.5) | {"refused": "why"}]
    found = with_families(mixed)
    assert [item["family"] for item in found] == ["wilcoxon", None, None]
    assert (found[0]["p_holm"], found[0]["family_tests"]) == (0.03, 1)


def test_cells_are_a_family_apart() -> None:
    found = with_families([row("mcnemar", 0.01, unit="cell"), row("mcnemar", 0.04, unit="patient")])
    assert [item["p_holm"] for item in found] == [0.01, 0.04]


@given(st.lists(st.tuples(st.floats(1e-6, 1), st.floats(0, 1)), min_size=1, max_size=6))
def test_no_p_comes_out_below_the_smallest_that_can_be_reached(drawn: list[tuple[float, float]]) -> None:
    tests = [row("mcnemar", floor + (1 - floor) * share, floor, "patient") for floor, share in drawn]
    found = with_families(tests)
    for item in found:
        assert item["p_holm"] >= item["smallest_p_holm"] - 1e-12
    (family,) = families_of(found)
    assert family["smallest_p"] == min(floor for floor, _ in drawn)
    assert family["tests"] == len(drawn)


def test_what_has_no_floor_says_so() -> None:
    (family,) = families_of(with_families([row("bootstrap", 0.2)]))
    assert family == {
        "family": "bootstrap", "title": "Bootstrap by patient", "tests": 1, "smallest_p": None, "smallest_p_holm": None,
    }  # fmt: skip


def test_every_test_that_is_made_has_its_title(make_study: Callable[..., Path], tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", {"a": {"linked": True}, "b": {"linked": True, "edge": 1.0}}, range(2))
    found = compare([study], tmp_path / "out", replicates=100)
    own = {name: title for name, title in TESTS.items() if name != "corrected_t"}  # of folds alone
    assert {kind_of_test(row) for row in found.table.to_dicts()} == set(own)
    assert {family["title"] for family in found.record["families"]} <= set(TESTS.values())
    said = repr(found)
    assert all(f"    {title}, a against b" in said for title in own.values())
