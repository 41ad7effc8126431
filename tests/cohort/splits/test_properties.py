"""What holds for every kind of split, whatever the cohort: nothing that belongs together is parted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.links import LinkedGroups, linked_groups, picture_groups
from leukoscope.cohort.splits import SERIES, Split, apply_on_twins, check_split, holdout
from leukoscope.cohort.splits.leaks import find_leaks
from leukoscope.errors import DataError

Made = tuple[Cohort, LinkedGroups]
Make = Callable[..., Made]

CELLS = 30
CLASSES = ("hem", "all", "rare")
NAMES = [f"c{number:02d}" for number in range(CELLS)]
PEOPLE = [f"p{number}" for number in range(12)]


def pairs_among(names: list[str], most: int) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Draw pairs of different names; few names make chains likely."""
    name = st.sampled_from(names)
    return st.lists(st.tuples(name, name).filter(lambda pair: pair[0] != pair[1]), max_size=most)


@dataclass(frozen=True)
class Drawn:
    """A random cohort: rows, identical and near pairs, links between patients, ids for training only."""

    rows: list[tuple[str, str | None, str | None, str | None]]
    exact: list[tuple[str, str]]
    near: list[tuple[str, str]]
    known: list[tuple[str, str, int, str]]
    trained: list[str]

    def made(self, make: Make, links_of: Callable[..., pl.DataFrame], on_twins: str = "link") -> Made:
        pairs = links_of([*self.exact, *((*pair, 0.98) for pair in self.near)])
        cohort, _ = make(self.rows, classes=CLASSES, training_only=self.trained, known=self.known)
        cohort, pairs = apply_on_twins(cohort, pairs, on_twins)
        return cohort, linked_groups(cohort, pairs)


@st.composite
def cohorts(draw: st.DrawFn) -> Drawn:
    """Draw a cohort; one cell in eight or so has no patient, some no class."""
    patient = st.one_of(*[st.sampled_from(PEOPLE)] * 7, st.none())
    label = st.one_of(*[st.sampled_from(CLASSES[:2])] * 6, st.just("rare"), st.none())
    rows = [(name, draw(label), draw(patient), draw(st.sampled_from(["x", "y", None]))) for name in NAMES]
    kind = st.sampled_from(["exact bytes", "near", "declared"])
    person = st.sampled_from([*PEOPLE, "absent"])
    known = st.lists(st.tuples(person, person, st.integers(0, 3), kind).filter(lambda link: link[0] != link[1]))
    return Drawn(
        rows,
        draw(pairs_among(NAMES, 3)),
        draw(pairs_among(NAMES[:8], 4)),
        draw(known.map(lambda links: links[:3])),
        draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True)),
    )


TOO_SMALL = ("There are only", "No usable cell", "No patients are known", "Every patient is for training only")
WAYS = (
    ("holdout", {}),
    ("folds", {"folds": 3}),
    ("folds", {"folds": 2, "inner": 2}),
    ("repeated", {"repeats": 2}),
    ("leave_one_out", {}),
)


def every_split(kind: str, made: Made, given: dict[str, int], **settings: object) -> list[Split]:
    """Return every split of a kind, unchecked; none where the cohort is too small for it."""
    try:
        if kind not in SERIES:
            return [holdout(*made, **given, **settings)]  # type: ignore[arg-type]
        return list(SERIES[kind](*made, **given, **settings))
    except DataError as error:
        if error.what.startswith(TOO_SMALL):
            return []
        raise


def placed(split: Split, cohort: Cohort) -> pl.DataFrame:
    return split.table.select("id", "part").join(cohort.cells.select("id", "label", "patient"), on="id")


def most_parts(table: pl.DataFrame, column: str) -> int:
    """Return in how many parts the most widespread value of a column stands."""
    return int(table.drop_nulls(column).group_by(column).agg(pl.col("part").n_unique())["part"].max() or 0)  # type: ignore[arg-type]


@settings(deadline=None, max_examples=20)
@given(drawn=cohorts(), way=st.sampled_from(WAYS), by=st.sampled_from(["patient", "cell"]), seed=st.integers(0, 3))
def test_no_patient_no_linked_group_and_no_picture_is_on_two_sides(
    *,
    make: Make,
    links_of: Callable[..., pl.DataFrame],
    drawn: Drawn,
    way: tuple[str, dict[str, int]],
    by: str,
    seed: int,
) -> None:
    kind, given = way
    made = drawn.made(make, links_of)
    by = "patient" if kind == "leave_one_out" else by
    splits = every_split(kind, made, given, by=by, seed=seed, stratify="place")
    for split in splits:
        table = placed(split, made[0])
        assert table["id"].to_list() == sorted(made[0].labelled["id"])
        pictures = table.join(picture_groups(made[1]).rename({"group": "picture"}), on="id")
        assert most_parts(pictures, "picture") <= 1
        assert set(table.filter(pl.col("id").is_in(drawn.trained))["part"]) <= {"train"}
        if split.by == "patient":
            assert most_parts(table, "patient") <= 1
            assert most_parts(table.join(made[1].table, on="id"), "group") <= 1
            assert not find_leaks(split, made[1])


@settings(deadline=None, max_examples=15)
@given(drawn=cohorts(), way=st.sampled_from(WAYS), seed=st.integers(0, 3), data=st.data())
def test_the_order_of_rows_and_of_links_does_not_matter(
    *,
    make: Make,
    links_of: Callable[..., pl.DataFrame],
    drawn: Drawn,
    way: tuple[str, dict[str, int]],
    seed: int,
    data: st.DataObject,
) -> None:
    kind, given = way
    lists = (drawn.rows, drawn.exact, drawn.near, drawn.known, drawn.trained)
    other = Drawn(*(data.draw(st.permutations(each)) for each in lists))  # type: ignore[arg-type]
    tables = [
        [split.table for split in every_split(kind, each.made(make, links_of), given, seed=seed)]
        for each in (drawn, other)
    ]
    assert all(one.equals(same) for one, same in zip(*tables, strict=True))


@settings(deadline=None, max_examples=20)
@given(drawn=cohorts(), way=st.sampled_from([way for way in WAYS if way[0] in {"folds", "leave_one_out"}]))
def test_each_cell_is_tested_once_if_it_may_be_measured(
    make: Make, links_of: Callable[..., pl.DataFrame], drawn: Drawn, way: tuple[str, dict[str, int]]
) -> None:
    kind, given = way
    cohort, groups = drawn.made(make, links_of)
    splits = every_split(kind, (cohort, groups), given, seed=0)
    if not splits:
        return
    table = splits[0].table.select("id", "group").join(cohort.cells.select("id", "patient", "label"), on="id")
    if splits[0].by == "cell":
        table = table.drop("group").join(picture_groups(groups), on="id")
    trained = table.filter(pl.col("id").is_in(drawn.trained))["group"]
    measured = table.filter(~pl.col("group").is_in(trained.implode()))
    if kind == "leave_one_out":
        measured = measured.filter(pl.col("patient").is_not_null().any().over("group"))
    times = given.get("inner", 1)
    tested = pl.concat([split.ids("test") for split in splits]).to_list()
    assert sorted(tested) == sorted(measured["id"].to_list() * times)


@settings(deadline=None, max_examples=30)
@given(drawn=cohorts(), way=st.sampled_from(WAYS), seed=st.integers(0, 3))
def test_a_class_that_a_part_lacks_is_named_in_a_warning(
    make: Make, links_of: Callable[..., pl.DataFrame], drawn: Drawn, way: tuple[str, dict[str, int]], seed: int
) -> None:
    kind, given = way
    made = drawn.made(make, links_of)
    for split in every_split(kind, made, given, seed=seed):
        table = placed(split, made[0])
        parts = {part: set(of_part["label"]) for (part,), of_part in table.group_by("part")}
        learnt = [parts.get(part, set()) for part in ("train", "validation")]
        tested = parts.get("test", set())
        try:
            checked = check_split(split, *made)
        except DataError:
            # Refused only where something cannot be told apart at all.
            assert min(map(len, learnt)) < 2 or not tested or (split.of is None and len(tested) < 2)
            continue
        single = split.of is not None and split.table.filter(pl.col("part") == "test")["group"].n_unique() == 1
        for name in CLASSES:
            lacking = not all(name in found for found in learnt) or (name not in tested and not single)
            named = any(warning.startswith(f"The class {name!r}, ") for warning in checked.warnings)
            named = named or f"The class {name!r} has no cell: nothing can be learnt or said of it." in checked.warnings
            assert named or not lacking
        assert (len(tested) == 1 and split.of is not None) == any("are pooled." in said for said in checked.warnings)


@settings(deadline=None, max_examples=20)
@given(
    sizes=st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=9), min_size=2, max_size=3),
    folds=st.integers(2, 5),
    seed=st.integers(0, 3),
)
def test_patients_of_one_class_each_are_in_as_many_folds_as_can_be(
    make: Make, sizes: list[list[int]], folds: int, seed: int
) -> None:
    rows = [
        (f"{label}{n}_{c}", label, f"{label}{n}", None)
        for label, patients in zip(CLASSES, sizes, strict=False)
        for n, size in enumerate(patients)
        for c in range(size)
    ]
    made = make(rows, classes=CLASSES)
    for split in every_split("folds", made, {"folds": folds}, seed=seed):
        assert split.ids("test").len() > 0
    splits = every_split("folds", made, {"folds": folds}, seed=seed)
    for label, patients in zip(CLASSES, sizes, strict=False):
        tested = sum(label in placed(split, made[0]).filter(pl.col("part") == "test")["label"] for split in splits)
        assert not splits or tested == min(len(patients), folds)


@settings(deadline=None, max_examples=20)
@given(drawn=cohorts())
def test_after_dropping_no_two_pictures_of_one_cell_are_left(
    make: Make, links_of: Callable[..., pl.DataFrame], drawn: Drawn
) -> None:
    cohort, groups = drawn.made(make, links_of, "drop")
    same = dict(picture_groups(groups).iter_rows())
    left = set(cohort.usable["id"])
    assert not any({one, other} <= left and same[one] != same[other] for one, other in drawn.near)
    # Of what was near to something, something is left: nothing is dropped without need.
    dropped = {same[name] for name in set(NAMES) - left}
    near = [{same[one], same[other]} for one, other in drawn.near]
    assert all(any(name in pair and pair - dropped for pair in near) for name in dropped)
