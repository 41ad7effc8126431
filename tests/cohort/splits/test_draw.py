from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.cohort.splits.draw import draw, draw_folds

SHARES = {"train": 0.6, "test": 0.25, "validation": 0.15}


def cells_of(counts: dict[str, dict[str, int]]) -> pl.DataFrame:
    rows = [(key, label) for key, labels in counts.items() for label, number in labels.items() for _ in range(number)]
    return pl.DataFrame(rows, schema={"key": pl.String, "label": pl.String}, orient="row")


def shares_of(cells: pl.DataFrame, drawn: pl.DataFrame, label: str) -> dict[str, float]:
    parts = cells.filter(pl.col("label") == label).join(drawn, on="key").group_by("part").len()
    total = parts["len"].sum()
    return {part: number / total for part, number in parts.iter_rows()}


def parts_of(drawn: pl.DataFrame) -> dict[str, str]:
    return dict(drawn.iter_rows())


def test_single_cells_are_cut_by_the_shares_in_each_class() -> None:
    cells = cells_of({f"c{number:05d}": {"rare" if number % 10 == 0 else "common": 1} for number in range(10_000)})
    drawn = draw(cells, ["common", "rare"], SHARES, seed=1)
    for label in ("common", "rare"):
        assert shares_of(cells, drawn, label) == pytest.approx(SHARES, abs=0.002)


@pytest.mark.parametrize("seed", range(5))
def test_patients_of_unequal_size_come_near_the_shares(seed: int) -> None:
    random = np.random.default_rng(seed)
    sizes = random.integers(5, 60, 50)
    cells = cells_of(
        {f"p{number:02d}": {"all" if number < 30 else "hem": int(size)} for number, size in enumerate(sizes)}
    )
    drawn = draw(cells, ["hem", "all"], SHARES, seed=seed)
    for label in ("hem", "all"):
        assert shares_of(cells, drawn, label) == pytest.approx(SHARES, abs=0.03)


def test_groups_of_a_class_are_shared_out_too() -> None:
    # One patient holds half of the cells: by cells alone the rest would go to one part.
    counts = {"big": {"all": 300}} | {f"p{number:02d}": {"all": 10} for number in range(30)}
    counts |= {f"h{number:02d}": {"hem": 10} for number in range(60)}
    drawn = draw(cells_of(counts), ["hem", "all"], {"train": 0.6, "test": 0.2, "validation": 0.2}, seed=0)
    groups = drawn.filter(pl.col("key").str.starts_with("p")).group_by("part").len()
    assert min(groups["len"]) >= 4


def test_a_scarce_class_goes_to_train_then_test_then_validation() -> None:
    counts = {f"h{number}": {"hem": 10} for number in range(12)}
    one = draw(cells_of(counts | {"a0": {"all": 500}}), ["hem", "all"], SHARES, seed=0)
    assert parts_of(one)["a0"] == "train"
    two = draw(cells_of(counts | {"a0": {"all": 50}, "a1": {"all": 1}}), ["hem", "all"], SHARES, seed=0)
    assert {parts_of(two)["a0"], parts_of(two)["a1"]} == {"train", "test"}
    three = draw(cells_of(counts | {f"a{n}": {"all": 1 + 60 * n} for n in range(3)}), ["hem", "all"], SHARES, seed=0)
    assert {parts_of(three)[f"a{n}"] for n in range(3)} == {"train", "test", "validation"}


def test_a_scarce_class_among_many_single_cells_is_in_every_part() -> None:
    counts = {f"c{number:05d}": {"common": 1} for number in range(5_000)} | {f"r{n}": {"rare": 1} for n in range(3)}
    drawn = parts_of(draw(cells_of(counts), ["common", "rare"], SHARES, seed=4))
    assert {drawn[f"r{n}"] for n in range(3)} == set(SHARES)


def test_identical_pairs_among_single_cells_stay_whole_and_balanced() -> None:
    counts = {f"c{number:04d}": {"a": 1 + (number % 7 == 0), "b": number % 2} for number in range(2_000)}
    cells = cells_of(counts)
    drawn = draw(cells, ["a", "b"], SHARES, seed=0)
    assert drawn["key"].n_unique() == drawn.height == 2_000
    for label in ("a", "b"):
        assert shares_of(cells, drawn, label) == pytest.approx(SHARES, abs=0.01)


GROUPS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 3)), min_size=1, max_size=25).filter(
    lambda groups: any(sum(counts) for counts in groups)
)


@settings(deadline=None, max_examples=60)
@given(GROUPS, st.integers(0, 5), st.randoms(use_true_random=False))
def test_every_group_has_one_part_whatever_the_order_of_rows(
    groups: list[tuple[int, int, int]], seed: int, random: object
) -> None:
    counts = {f"g{number:02d}": dict(zip("abc", group, strict=True)) for number, group in enumerate(groups)}
    cells = cells_of(counts)
    drawn = draw(cells, ["a", "b", "c"], SHARES, seed=seed)
    assert drawn["key"].to_list() == sorted(set(cells["key"]))
    assert set(drawn["part"]) <= set(SHARES)
    order = list(range(cells.height))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert draw(cells[order], ["a", "b", "c"], SHARES, seed=seed).equals(drawn)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 12), min_size=3, max_size=15), st.lists(st.integers(1, 12), min_size=3, max_size=15))
def test_a_class_with_as_many_groups_as_parts_is_in_every_part(first: list[int], second: list[int]) -> None:
    counts = {f"a{n}": {"a": size} for n, size in enumerate(first)} | {
        f"b{n}": {"b": size} for n, size in enumerate(second)
    }
    cells = cells_of(counts)
    drawn = draw(cells, ["a", "b"], SHARES, seed=0)
    assert set(shares_of(cells, drawn, "a")) == set(shares_of(cells, drawn, "b")) == set(SHARES)


def test_seeds_differ() -> None:
    cells = cells_of({f"p{number:02d}": {"ab"[number % 2]: 10} for number in range(40)})
    drawn = [draw(cells, ["a", "b"], SHARES, seed=seed)["part"].to_list() for seed in range(6)]
    assert len({tuple(parts) for parts in drawn}) == 6
    many = cells_of({f"c{number:04d}": {"ab"[number % 2]: 1} for number in range(1_000)})
    drawn = [draw(many, ["a", "b"], SHARES, seed=seed)["part"].to_list() for seed in range(3)]
    assert len({tuple(parts) for parts in drawn}) == 3


def folds_of(cells: pl.DataFrame, folds: int, seed: int = 0) -> dict[str, int]:
    classes = sorted(set(cells["label"]))
    return dict(draw_folds(cells, classes, folds, seed=seed).iter_rows())


def test_folds_get_equal_shares_of_cells_and_of_groups_of_each_class() -> None:
    sizes = np.random.default_rng(3).integers(5, 40, 60)
    cells = cells_of({f"p{n:02d}": {"all" if n % 3 else "hem": int(size)} for n, size in enumerate(sizes)})
    folds = folds_of(cells, 5)
    counted = cells.with_columns(fold=pl.col("key").replace_strict(folds)).group_by("label", "fold")
    counted = counted.agg(cells=pl.len(), groups=pl.col("key").n_unique())
    for label, groups in (("all", 40), ("hem", 20)):
        of_class = counted.filter(pl.col("label") == label)
        assert of_class["groups"].to_list() == [groups // 5] * 5
        assert of_class["cells"].to_numpy() == pytest.approx(np.full(5, of_class["cells"].mean()), rel=0.1)


def test_a_class_of_fewer_groups_than_folds_is_in_as_many_folds_as_it_has_groups() -> None:
    counts = {f"h{n:02d}": {"hem": 10} for n in range(20)} | {f"a{n}": {"all": 1 + 30 * n} for n in range(3)}
    folds = folds_of(cells_of(counts), 5)
    assert len({folds[f"a{n}"] for n in range(3)}) == 3


def test_no_fold_is_empty_while_there_are_groups_enough() -> None:
    counts = {f"{label}{n}": {label: 1 + 9 * n} for label in "ab" for n in range(3)}
    assert set(folds_of(cells_of(counts), 5).values()) == set(range(5))


def test_strata_are_shared_out_within_each_class() -> None:
    counts = {f"{label}{n:02d}": {label: 4 + n % 3} for label in "ab" for n in range(24)}
    cells = cells_of(counts).with_columns(stratum=pl.when(pl.col("key").str.ends_with("1")).then(pl.lit("m")))
    cells = cells.with_columns(pl.col("stratum").fill_null("f"))
    assert cells.filter(pl.col("stratum") == "m")["key"].n_unique() == 6
    for seed in range(5):
        drawn = draw_folds(cells, ["a", "b"], 3, seed=seed)
        men = drawn.filter(pl.col("key").str.ends_with("1")).with_columns(label=pl.col("key").str.head(1))
        assert men.group_by("label").agg(pl.col("fold").n_unique())["fold"].to_list() == [3, 3]


def test_the_folds_of_seeds_differ_and_the_order_of_rows_does_not_matter() -> None:
    cells = cells_of({f"p{number:02d}": {"ab"[number % 2]: 10 + number} for number in range(40)})
    drawn = [draw_folds(cells, ["a", "b"], 4, seed=seed)["fold"].to_list() for seed in range(4)]
    assert len({tuple(folds) for folds in drawn}) == 4
    assert draw_folds(cells.reverse(), ["a", "b"], 4, seed=2)["fold"].to_list() == drawn[2]
