from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.cohort.classes import Classes
from leukoscope.errors import DataError, SettingsError
from leukoscope.pictures.batches import CellData, batches
from leukoscope.pictures.framing import parse_framing
from leukoscope.pictures.store import PixelStore
from leukoscope.pictures.store_index import StoreFiles
from leukoscope.pictures.store_writer import StoreWriter
from leukoscope.recipes.schema import BaggingSettings, BalanceSettings
from leukoscope.training import loop, train
from leukoscope.training.bagging import bagged, bagging_parts, bagging_table, copy_changes
from leukoscope.training.sampling import composition, labels_seen, sampled

STORED = 5
CLASSES = Classes(("hem", "all"))
QUICK = settings(max_examples=40, deadline=None)
COUNTS = st.lists(st.integers(1, 40), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., CellData]:
    folder, framing = tmp_path_factory.mktemp("store"), parse_framing([{"resize": 8}])
    writer = StoreWriter(StoreFiles(folder, framing))
    rng = np.random.default_rng(0)
    for number in range(STORED):
        writer.add(hashlib.sha256(bytes([number])).hexdigest(), rng.integers(0, 256, (8, 8, 3), dtype=np.uint8))
    writer.flush()
    writer.close()
    store = PixelStore(folder, framing)

    def made(*counts: int, patients: int = 7) -> CellData:
        labels = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
        ids = [f"c{number}" for number in range(len(labels))]
        groups = [f"P{number * number % patients}" for number in range(len(labels))]
        return CellData(store, np.arange(len(labels)) % STORED, ids, labels, groups=groups)

    return made


def models(data: CellData, seed: int = 0, **given: Any) -> list[CellData]:
    parts = given.get("parts", 2)
    return [bagged(data, BaggingSettings(part=part, **given), seed) for part in range(parts)]


def whole_of(learnt: CellData) -> set[str]:
    assert learnt.copies is not None
    return {name for name, changed in zip(learnt.ids, learnt.copies.changed, strict=True) if not changed}


def own_name(name: str) -> str:
    return name.split(maxsplit=1)[0]


def by_id(learnt: CellData) -> dict[str, tuple[int, int, bool, str]]:
    assert learnt.copies is not None
    assert learnt.groups is not None
    rows = zip(learnt.rows.tolist(), learnt.labels.tolist(), learnt.copies.changed.tolist(), learnt.groups, strict=True)
    return dict(zip(learnt.ids, rows, strict=True))


@QUICK
@given(COUNTS, st.integers(2, 5), st.sampled_from(["patient", "cell"]), st.integers(0, 9))
def test_each_cell_is_whole_where_it_should_be_and_classes_are_equal(
    make: Callable[..., CellData], counts: list[int], parts: int, by: str, seed: int
) -> None:
    data = make(*counts)
    largest = int(np.argmax(counts))
    assert data.groups is not None
    patients = len({group for group, label in zip(data.groups, data.labels, strict=True) if label == largest})
    if (patients if by == "patient" else max(counts)) < parts:
        with pytest.raises(SettingsError):
            models(data, seed, parts=parts, by=by)
        return
    learnt = models(data, seed, parts=parts, by=by)
    times: Counter[str] = Counter()
    for each in learnt:
        assert np.bincount(each.labels).tolist() == [max(counts)] * len(counts), "equal classes"
        assert len(set(each.ids)) == len(each)
        assert {own_name(name) for name in each.ids} == set(data.ids), "training cells alone, every one in some form"
        assert whole_of(each) <= set(data.ids)
        times.update(whole_of(each))
    for name, label in zip(data.ids, data.labels, strict=True):
        assert times[name] == (1 if label == largest else parts)
    for each in learnt:
        found = Counter(own_name(name) for name in each.ids)
        for label in range(len(counts)):
            often = [found[name] for name, its in zip(data.ids, data.labels, strict=True) if its == label]
            assert max(often) - min(often) <= 1, "no cell twice more than another of its class"


@QUICK
@given(st.data(), st.integers(2, 5), st.sampled_from(["patient", "cell"]), st.integers(0, 9))
def test_no_patient_of_the_validation_part_is_in_any_model(
    make: Callable[..., CellData], drawn: st.DataObject, parts: int, by: str, seed: int
) -> None:
    data = make(30, 60, patients=29)
    groups = np.array(data.groups)
    held_out = drawn.draw(st.sets(st.sampled_from(sorted(set(groups))), min_size=1, max_size=5), label="validation")
    in_training = ~np.isin(groups, list(held_out))
    training, validation = (data.subset(np.flatnonzero(chosen)) for chosen in (in_training, ~in_training))
    assert set(validation.groups or []) == held_out
    for each in models(training, seed, parts=parts, by=by):
        assert each.groups is not None
        assert not set(each.groups) & held_out, "no validation patient"
        assert not {own_name(name) for name in each.ids} & set(validation.ids), "nor a cell of one"
        assert set(each.groups) == set(training.groups or []), "every training patient in some form"
        patient_of = dict(zip(data.ids, groups, strict=True))
        assert list(each.groups) == [patient_of[own_name(name)] for name in each.ids], "a copy has its cell's patient"


@QUICK
@given(st.integers(5, 60), st.integers(2, 5), st.integers(0, 9))
def test_parts_by_cell_are_equal_and_parts_by_patient_keep_patients_together(
    make: Callable[..., CellData], count: int, parts: int, seed: int
) -> None:
    data = make(3, count, patients=29)
    sizes = np.bincount(bagging_parts(data, BaggingSettings(parts=parts, by="cell"), seed)[3:], minlength=parts)
    assert np.ptp(sizes) <= 1
    assert sizes.sum() == count
    groups = np.array(data.groups)
    if len(set(groups[3:])) < parts:
        return
    part = bagging_parts(data, BaggingSettings(parts=parts), seed)
    assert (part[:3] == -1).all()
    assert all(len(set(part[3:][groups[3:] == group])) == 1 for group in set(groups[3:]))
    cells, largest = np.bincount(part[3:], minlength=parts), max(Counter(groups[3:]).values())
    assert cells.min() > 0
    assert np.ptp(cells) <= largest, "the fullest part got its last patient while it had the fewest cells"


@pytest.mark.parametrize("by", ["patient", "cell"])
def test_what_is_drawn_depends_on_the_seed_and_not_on_the_order(make: Callable[..., CellData], by: str) -> None:
    data = make(10, 30)
    mixed = data.subset(np.random.default_rng(3).permutation(len(data)))
    for one, other in zip(models(data, by=by), models(mixed, by=by), strict=True):
        assert by_id(one) == by_id(other)
    first, second = ([whole_of(each) for each in models(data, seed, by=by)] for seed in (0, 1))
    assert by == "patient" or first != second


def changed_pixels(learnt: CellData, epoch: int, seed: int = 0) -> dict[str, bytes]:
    from leukoscope.pictures.augmentation import parse_augmentation  # noqa: PLC0415 - short

    [batch] = batches(learnt, len(learnt), seed=seed, epoch=epoch, augmentation=parse_augmentation([]), prefetch=False)
    return {learnt.ids[place]: pixels.tobytes() for place, pixels in zip(batch.index, batch.pixels, strict=True)}


def test_copies_are_changed_and_fixed_unless_they_are_redrawn(make: Callable[..., CellData]) -> None:
    data, copies = make(4, 12), [{"noise": 0.2}]
    learnt, other = models(data, copies=copies)
    first, second = (changed_pixels(learnt, epoch) for epoch in (1, 2))
    assert first == second
    stored = {name: data.pixels(np.array([place]))[0].tobytes() for place, name in enumerate(data.ids)}
    assert all((first[name] == stored[own_name(name)]) == (name in data.ids) for name in first)
    shared = [name for name in set(learnt.ids) & set(other.ids) if name not in data.ids]
    assert len(shared) >= 4, "copies of the rare class"
    assert all(first[name] != changed_pixels(other, 1)[name] for name in shared), "each model has its own"
    again = models(data, copies=copies, redrawn=True)[0]
    redrawn = [changed_pixels(again, epoch) for epoch in (1, 2)]
    assert all((redrawn[0][name] == redrawn[1][name]) == (name in data.ids) for name in again.ids)


def test_a_copy_has_all_changes_or_one_of_them() -> None:
    copies = [{"flip": 0.5}, {"fill": "edge"}, {"noise": 0.1}]
    [every] = copy_changes(BaggingSettings(copies=copies))
    assert every.spec() == copies
    each = copy_changes(BaggingSettings(copies=copies, at_a_time="one"))
    assert [way.spec() for way in each] == [[{"flip": 0.5}, {"fill": "edge"}], [{"noise": 0.1}, {"fill": "edge"}]]


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        (
            {"parts": 4},
            SettingsError,
            (
                "The largest class has 3 linked groups of patients in the training part, too few for 4 parts.\n"
                "  where: balance.bagging.parts\n"
                "  what to do: Set balance.bagging.parts=3 or less, or divide it by cell: balance.bagging.by=cell."
            ),
        ),
        (
            {"parts": 9, "by": "cell"},
            SettingsError,
            (
                "The largest class has 8 cells in the training part, too few for 9 parts.\n"
                "  where: balance.bagging.parts\n"
                "  what to do: Set balance.bagging.parts=8 or less, or take more cells."
            ),
        ),
        (
            {"copies": [{"rotat": 360}]},
            SettingsError,
            (
                "The list balance.bagging.copies cannot be used:\n"
                "  - step 1: there is no 'rotat'. Did you mean 'rotate'? Known: brightness, channels, contrast, fill, "
                "flip, noise, rotate, translate.\n"
                "  what to do: Mend 'balance.bagging.copies' in the recipe."
            ),
        ),
        (
            {"copies": [{"flip": 0.5}, {"flip": 0.1}]},
            SettingsError,
            "The list balance.bagging.copies names a change twice: flip.\n  what to do: Keep one of them.",
        ),
        (
            {"copies": [{"fill": "edge"}]},
            SettingsError,
            (
                "A copy without any change is the cell itself, so that all models would see the same.\n"
                "  where: balance.bagging.copies\n"
                "  what to do: Name changes: [{flip: 0.5}, {rotate: 360}]."
            ),
        ),
    ],
)
def test_what_cannot_be_done_is_refused(
    make: Callable[..., CellData], given: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind) as caught:
        bagged(make(2, 8, patients=5), BaggingSettings.model_validate(given), 0)
    assert str(caught.value) == message


def test_one_patient_cannot_be_divided(make: Callable[..., CellData]) -> None:
    with pytest.raises(SettingsError) as caught:
        bagged(make(2, 8, patients=1), BaggingSettings(), 0)
    assert str(caught.value) == (
        "The largest class has 1 linked group of patients in the training part, too few for 2 parts.\n"
        "  where: balance.bagging.parts\n"
        "  what to do: Divide it by cell: balance.bagging.by=cell."
    )


def test_cells_of_unknown_patients_are_not_divided_by_patient(make: Callable[..., CellData]) -> None:
    data = replace(make(2, 8), groups=None)
    with pytest.raises(DataError) as caught:
        bagged(data, BaggingSettings(), 0)
    assert str(caught.value) == (
        "Which cells are of one patient is not known, so that no class can be divided by patient.\n"
        "  where: balance.bagging.by\n"
        "  what to do: Set balance.bagging.by: cell."
    )
    assert len(bagged(data, BaggingSettings(by="cell"), 0)) == 16


def test_one_part_is_the_whole_class_beside_the_others_filled_up(make: Callable[..., CellData]) -> None:
    learnt = bagged(make(3, 8, patients=1), BaggingSettings(parts=1), 0)
    assert whole_of(learnt) == {f"c{number}" for number in range(11)}
    assert np.bincount(learnt.labels).tolist() == [8, 8]


def test_the_tables(make: Callable[..., CellData]) -> None:
    data = make(3, 8, patients=4)
    asked = BalanceSettings(sampling="bagging_variation", bagging=BaggingSettings(by="cell", part=1))
    assert composition(data, asked, 0, CLASSES).to_dicts() == [
        {"class": "hem", "cells": 3, "kept": 3, "left_out": 0, "copies": 5, "seen": 8, "whole": 3},
        {"class": "all", "cells": 8, "kept": 8, "left_out": 0, "copies": 4, "seen": 8, "whole": 4},
    ]
    assert labels_seen(sampled(data, asked, 0), asked).tolist().count(0) == 8
    table = bagging_table(data, asked.bagging, 0, CLASSES)
    assert table.columns == ["class", "part", "groups", "cells", "whole", "copies"]
    assert table.drop("groups").rows() == [("hem", None, 3, 3, 5), ("all", 0, 4, 0, 4), ("all", 1, 4, 4, 0)]
    by_patient = bagging_table(data, BaggingSettings(), 0, CLASSES).filter(part=0)
    assert by_patient["cells"].to_list() == by_patient["whole"].to_list() == [4]
    assert bagging_table(replace(data, groups=None), asked.bagging, 0, CLASSES)["groups"].to_list() == [None] * 3


def with_groups(data: CellData) -> CellData:
    return replace(data, groups=[f"P{number % 5}" for number in range(len(data))])


def test_a_training_sees_the_copies_and_none_of_validation_and_goes_on_where_it_stopped(
    two_classes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[set[str]] = []
    from leukoscope.training import steps  # noqa: PLC0415 - to listen

    given_batches = steps.batches

    def listened(data: CellData, *arguments: Any, **given: Any) -> Any:
        seen.append(set(data.ids))
        return given_batches(data, *arguments, **given)

    monkeypatch.setattr(steps, "batches", listened)
    stages = [{"epochs": 1, "batch": 8, "train": "head"}, {"epochs": 1, "batch": 8}]
    balance = {"sampling": "bagging_variation", "bagging": {"by": "patient", "redrawn": True}}
    task = two_classes.with_recipe(balance=balance, stages=stages, augmentation=[])
    train_data = with_groups(task.train)

    def trained(folder: str, data: CellData = train_data) -> Any:
        options = {"seed": 0, "folder": tmp_path / folder, "device": "cpu"}
        return train(task.model(), data, task.validation, task.recipe, task.classes, **options).history

    whole = trained("whole")
    assert len(seen) == 2, "copies change, so that not even a frozen stage runs on features"
    assert all(any(name.endswith(" changed") for name in ids) for ids in seen)
    assert not {own_name(name) for ids in seen for name in ids} & set(task.validation.ids)

    run_epoch = loop._run_epoch

    def stop_after_one(learner: Any, number: int, *rest: Any) -> Any:
        if number > 1:
            raise KeyboardInterrupt
        return run_epoch(learner, number, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(loop, "_run_epoch", stop_after_one)
        with pytest.raises(KeyboardInterrupt):
            trained("stopped")
    with pytest.raises(SettingsError) as caught:
        trained("stopped", replace(train_data, groups=["P0", "P1"] * (len(train_data) // 2)))
    assert str(caught.value).startswith("The training in this folder was begun with other settings: linked groups.\n")
    assert trained("stopped").equals(whole)
