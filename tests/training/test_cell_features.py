from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import pytest
import torch

from leukoscope.models import activations
from leukoscope.models.building import build_model, build_patient_model
from leukoscope.models.patient_model import PatientModel
from leukoscope.pictures import cell_measures, handcrafted
from leukoscope.pictures.batches import CellData
from leukoscope.recipes import schema
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings
from leukoscope.training.cell_features import (
    FeatureTables,
    cell_features,
    features_key,
    missing_cells,
    stored_features,
)
from leukoscope.training.device import as_input
from leukoscope.training.feature_cache import FeatureCache
from leukoscope.training.scoring import view_logits

CPU = torch.device("cpu")
SEEDS = iter(range(100, 1000))

Make = Callable[..., PatientModel]


def network(seed: int = 0, instances: Any = "cells", **settings: Any) -> PatientModel:
    asked = ModelSettings.model_validate({"backbone": "test_resnet", "cut": "layer2"} | settings)
    bag, facts = BagSettings(instances=instances), FactsSettings()
    return build_patient_model(asked, bag, facts, 1, size=(32, 32), seed=seed)[0]


@pytest.fixture
def fresh() -> Make:
    """Return a maker of networks whose features no test has computed yet."""
    return lambda **settings: network(next(SEEDS), **settings)


@pytest.fixture(scope="module")
def cells(two_classes: Any) -> CellData:
    data: CellData = two_classes.train.subset(np.array([3, 0, 7, 3, 5]))
    return data


@pytest.mark.parametrize("instances", ["cells", "pixels"])
def test_features_are_the_networks_own(fresh: Make, cells: CellData, instances: str) -> None:
    model = fresh(instances=instances)
    with torch.inference_mode():
        expected = model.eval().cell_features(as_input(cells.store.batch(cells.rows), CPU)).numpy()
    found = cell_features(model, cells)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    assert found.dtype == np.float32


def test_only_pictures_that_are_not_known_are_embedded(
    fresh: Make, cells: CellData, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, seen, told = fresh(), [], []
    own = model.cell_features
    monkeypatch.setattr(model, "cell_features", lambda pixels: seen.append(len(pixels)) or own(pixels))
    assert missing_cells(model, cells) == 4
    first = cell_features(model, cells.subset(np.array([0, 1])), after_batch=told.append)
    assert missing_cells(model, cells) == 2
    every = cell_features(model, cells, after_batch=told.append)
    assert seen == told == [2, 2]
    assert missing_cells(model, cells) == 0
    np.testing.assert_array_equal(every[[0, 1, 3]], first[[0, 1, 0]])
    np.testing.assert_array_equal(cell_features(model, cells), every)
    assert len(seen) == 2


def test_features_do_not_depend_on_the_mode_the_network_was_in(fresh: Make, cells: CellData) -> None:
    model = fresh(dropout=0.5)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    found = cell_features(model.train(), cells)
    assert not model.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    with torch.inference_mode():
        expected = model.cell_features(as_input(cells.store.batch(cells.rows), CPU)).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_head_and_aggregator_do_not_change_the_key() -> None:
    model = network()
    key = features_key(model)
    with torch.no_grad():
        model.cells.head.get_parameter("linear.weight").add_(1.0)
    assert features_key(model) == key == features_key(network())


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 1},
        {"crop": 24},
        {"measures": True},
        {"instances": "pixels"},
        {"cut": "layer1"},
        {"pool": "cell"},
        {"pool": "cell", "pool_stages": ["layer1"]},
        {"pool": "cell", "pool_rim": 3},
        {"pool": "flatten"},
    ],
)
def test_what_changes_the_features_changes_the_key(other: dict[str, Any]) -> None:
    assert features_key(network(**other)) != features_key(network())


def test_stages_and_rim_of_the_pooling_are_in_the_key() -> None:
    pooled: list[dict[str, Any]] = [{}, {"pool_stages": ["stem"]}, {"pool_stages": ["stem", "layer2"]}, {"pool_rim": 3}]
    keys = {features_key(network(pool="cell", **settings)) for settings in pooled}
    assert len(keys) == len(pooled)


def test_a_network_of_cells_has_the_features_of_one_of_patients(fresh: Make, cells: CellData) -> None:
    of_patients = fresh()
    assert features_key(of_patients.cells) == features_key(of_patients)
    found = cell_features(of_patients.cells, cells)
    assert missing_cells(of_patients, cells) == 0
    np.testing.assert_array_equal(found, cell_features(of_patients, cells))


def test_the_mean_of_views_gives_the_mean_of_their_logits(fresh: Make, cells: CellData) -> None:
    model, views = fresh(pool="cell").cells, schema.TestTimeSettings(rotations=2, flips="horizontal")
    assert features_key(model, views) != features_key(model)
    assert features_key(model, views) != features_key(model, schema.TestTimeSettings(rotations=4))
    features = cell_features(model, cells, test_time=views)
    assert missing_cells(model, cells, views) == 0 < missing_cells(model, cells)
    with torch.inference_mode():
        logits = model.head(torch.from_numpy(features[:, 0]))
        expected = view_logits(model, cells.store.batch(cells.rows), device=CPU, test_time=views)
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-5)


def test_another_crop_has_another_key() -> None:
    assert features_key(network(crop=24)) != features_key(network(crop=16))


def test_networks_that_see_another_crop_or_measures_do_not_share_a_cache(fresh: Make, cells: CellData) -> None:
    plain = fresh()
    for settings in ({"crop": 16}, {"measures": True}):
        other = network(0, **settings)
        other.cells.backbone.load_state_dict(plain.cells.backbone.state_dict())
        known = cell_features(plain, cells)
        found = cell_features(other, cells)
        with torch.inference_mode():
            expected = other.cell_features(as_input(cells.store.batch(cells.rows), CPU)).numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
        assert found.shape != known.shape or not np.allclose(found, known)


def test_measures_of_another_version_have_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [features_key(network(measures=measures)) for measures in (False, True)]
    monkeypatch.setattr(cell_measures, "VERSION", cell_measures.VERSION + 1)
    raised = [features_key(network(measures=measures)) for measures in (False, True)]
    assert raised[0] == keys[0]
    assert raised[1] != keys[1]


def test_handcrafted_measures_of_another_version_have_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = (True, "handcrafted", ["log_cell_area", "cell_area"])
    keys = [features_key(network(measures=measures)) for measures in asked]
    monkeypatch.setattr(handcrafted, "VERSION", handcrafted.VERSION + 1)
    raised = [features_key(network(measures=measures)) for measures in asked]
    assert [one == other for one, other in zip(keys, raised, strict=True)] == [True, False, False]


def test_other_measures_have_another_key() -> None:
    asked = (True, "handcrafted", ["log_cell_area"], ["log_nucleus_area"], ["cell_area"])
    assert len({features_key(network(measures=names)) for names in asked}) == len(asked)


def test_the_stride_in_the_first_convolution_changes_the_key_with_equal_weights() -> None:
    models = [network(backbone="resnet26", cut="layer2", stride_in_first=first) for first in (False, True)]
    tensors = [model.state_dict() for model in models]
    assert all(torch.equal(value, tensors[1][name]) for name, value in tensors[0].items())
    assert features_key(models[0]) != features_key(models[1])


def test_leaky_relu_in_the_place_of_relu_changes_the_key_with_equal_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, leaky = network(), network(activation="leaky_relu")
    assert all(torch.equal(value, leaky.state_dict()[name]) for name, value in plain.state_dict().items())
    keys = [features_key(model) for model in (plain, leaky)]
    monkeypatch.setattr(activations, "SLOPE", 0.1)
    keys.append(features_key(network(activation="leaky_relu")))
    assert len(set(keys)) == 3
    # What a backbone was published with is in its name: what is stored of it stays good.
    plain.cells.backbone.net.act1 = torch.nn.LeakyReLU(0.1)
    assert features_key(plain) == keys[0]


def test_a_joint_model_with_a_leaky_branch_has_another_key() -> None:
    def joint(activation: str) -> str:
        branches = {name: {"backbone": "test_resnet", "cut": "layer1"} for name in ("A", "B")}
        branches["B"]["activation"] = activation
        settings = ModelSettings.model_validate({"backbone": "joint", "branches": branches})
        return features_key(build_model(settings, 1, seed=0)[0])

    assert joint("own") != joint("leaky_relu")


def test_a_cache_grows_with_its_store(fresh: Make, cells: CellData) -> None:
    folder = FeatureCache.beside(cells, features_key(fresh())).folder
    features = np.arange(12, dtype=np.float32).reshape(3, 2, 2)
    small, large = FeatureCache(folder, 4), FeatureCache(folder, 9)
    with small.held():
        small.add(np.array([1, 3]), features[:2], small.known())
        large.add(np.array([8]), features[2:], large.known())
        # Who opened the store before it grew finds the larger cache, and leaves it as it is.
        assert small.missing(np.array([0, 1, 3])).tolist() == [0]
        small.add(np.array([0]), features[:1] + 100, small.known())
    assert np.flatnonzero(large.known()).tolist() == [0, 1, 3, 8]
    np.testing.assert_array_equal(large.values()[[1, 3, 8]], features)
    np.testing.assert_array_equal(large.values()[0], features[0] + 100)


def test_a_table_that_grew_before_it_was_cut_off_is_gone_on_with(fresh: Make, cells: CellData) -> None:
    cache = FeatureCache(FeatureCache.beside(cells, features_key(fresh())).folder, 4)
    features = np.arange(8, dtype=np.float32).reshape(2, 2, 2)
    with cache.held():
        FeatureCache(cache.folder, 9).add(np.array([1]), features[:1], np.zeros(9, dtype=bool))
        (cache.folder / "known.npy").unlink()
        cache.add(np.array([2]), features[1:], cache.known())
    assert np.flatnonzero(cache.known()).tolist() == [2]
    assert cache.values().shape == (9, 2, 2)
    np.testing.assert_array_equal(cache.values()[2], features[1])


def test_features_without_their_table_are_computed_again(fresh: Make, cells: CellData) -> None:
    model = fresh()
    found = cell_features(model, cells)
    (FeatureCache.beside(cells, features_key(model)).folder / "values.npy").unlink()
    assert missing_cells(model, cells) == 4
    np.testing.assert_allclose(cell_features(model, cells), found, rtol=1e-4, atol=1e-6)


def test_who_finds_another_process_at_work_waits_for_it(fresh: Make, cells: CellData) -> None:
    model = fresh()
    lock = FeatureCache.beside(cells, features_key(model)).folder / ".lock"
    lock.parent.mkdir(parents=True)
    code = f"import filelock\nwith filelock.FileLock({str(lock)!r}):\n print('held', flush=True)\n input()"
    other = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdin is not None
    assert other.stdout is not None
    assert other.stdout.readline() == b"held\n"
    found: list[np.ndarray] = []
    waiting = threading.Thread(target=lambda: found.append(cell_features(model, cells)))
    waiting.start()
    time.sleep(0.3)
    assert not found
    other.communicate(b"\n")
    waiting.join(30)
    assert found[0].shape == (5, 1, model.cells.embedded)


def test_known_features_are_read_while_others_are_computed(fresh: Make, cells: CellData) -> None:
    model = fresh()
    expected = cell_features(model, cells)
    with filelock.FileLock(FeatureCache.beside(cells, features_key(model)).folder / ".lock"):
        tables = stored_features(model, cells)
    assert isinstance(tables.by_turn[0], np.memmap)
    np.testing.assert_array_equal(tables.of(cells), expected)


def test_each_way_in_which_a_cell_lies_has_features_of_its_own(fresh: Make, cells: CellData) -> None:
    model = fresh()
    lying = replace(cells, ids=list("abcde"), turns=np.array([0, 3, 7, 3, 3]))
    # The first and the fourth are one cell, in two ways.
    assert missing_cells(model, lying) == 5
    with torch.inference_mode():
        expected = model.eval().cell_features(as_input(lying.pixels(np.arange(5)), CPU)).numpy()
    found = cell_features(model, lying)
    assert missing_cells(model, lying) == 0
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    assert not np.allclose(found[0], found[3], rtol=1e-4)
    # What lies as it is shares the cache of cells without turns.
    assert missing_cells(model, cells) == 3


def test_features_are_read_in_the_order_that_is_asked_for(fresh: Make, cells: CellData) -> None:
    model = fresh()
    lying = replace(cells, ids=list("abcde"), turns=np.array([0, 3, 7, 3, 3]))
    tables, every = stored_features(model, lying), cell_features(model, lying)
    assert sorted(tables.by_turn) == [0, 3, 7]
    np.testing.assert_array_equal(tables.of(lying, np.array([4, 0, 2, 0])), every[[4, 0, 2, 0]])
    tables.of(lying)[:] = 0
    np.testing.assert_array_equal(tables.of(lying), every)


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the resident memory")
def test_mapped_features_do_not_stay_in_this_processes_memory(cells: CellData, tmp_path: Path) -> None:
    rows = len(cells.store)
    table = np.lib.format.open_memmap(tmp_path / "values.npy", mode="w+", dtype=np.float32, shape=(rows, 1, 500_000))
    table[:] = 1
    table.flush()
    del table
    tables, before = FeatureTables({0: np.load(tmp_path / "values.npy", mmap_mode="r")}), resident()
    for row in range(rows):
        assert tables.of(replace(cells, rows=np.full(5, row)), np.array([0])).sum() == 500_000
    assert rows == 40
    # All rows together are 80 MB.
    assert resident() - before < 20e6


def resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
