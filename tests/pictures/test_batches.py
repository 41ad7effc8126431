from __future__ import annotations

import hashlib
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leukoscope.errors import DataError, SettingsError
from leukoscope.pictures.augmentation import parse_augmentation
from leukoscope.pictures.batches import Batch, CellData, batch_places, batches, epoch_order
from leukoscope.pictures.framing import parse_framing
from leukoscope.pictures.store import PixelStore
from leukoscope.pictures.store_index import StoreFiles
from leukoscope.pictures.store_writer import StoreWriter

COUNT = 13
FRAMING = parse_framing([{"resize": 12}])
AUGMENTATION = parse_augmentation(
    [{"flip": 0.5}, {"rotate": 360}, {"translate": 0.2}, {"brightness": 0.3}, {"noise": 0.05}]
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> CellData:
    folder: Path = tmp_path_factory.mktemp("store")
    keys = [hashlib.sha256(bytes([number])).hexdigest() for number in range(COUNT)]
    writer = StoreWriter(StoreFiles(folder, FRAMING))
    rng = np.random.default_rng(0)
    for key in keys:
        writer.add(key, rng.integers(0, 256, (12, 12, 3), dtype=np.uint8))
    writer.flush()
    writer.close()
    store = PixelStore(folder, FRAMING)
    order = np.random.default_rng(1).permutation(COUNT)
    ids = [f"cell {number}" for number in order]
    return CellData(store, store.rows([keys[number] for number in order]), ids, order.astype(np.int64) % 2)


def joined(found: list[Batch]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    parts = ("index", "pixels", "labels")
    index, pixels, labels = (np.concatenate([getattr(batch, part) for batch in found]) for part in parts)
    return index, pixels, labels


def test_plain_batches_are_the_store_in_order(data: CellData) -> None:
    found = list(batches(data, 5))
    assert [len(batch.index) for batch in found] == [5, 5, 3]
    index, pixels, labels = joined(found)
    assert np.array_equal(index, np.arange(COUNT))
    assert np.array_equal(pixels, data.store.batch(data.rows))
    assert np.array_equal(labels, data.labels)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, COUNT + 2), st.integers(0, 3), st.booleans(), st.booleans())
def test_neither_size_nor_prefetching_changes_a_cell(
    data: CellData, size: int, epoch: int, shuffle: bool, prefetch: bool
) -> None:
    found = batches(data, size, seed=4, epoch=epoch, shuffle=shuffle, augmentation=AUGMENTATION, prefetch=prefetch)
    index, pixels, labels = joined(list(found))
    whole = next(iter(batches(data, COUNT, seed=4, epoch=epoch, augmentation=AUGMENTATION, prefetch=False)))
    assert sorted(index) == list(range(COUNT))
    assert np.array_equal(pixels, whole.pixels[index])
    assert np.array_equal(labels, data.labels[index])
    assert np.array_equal(index, epoch_order(data.ids, 4, epoch) if shuffle else np.arange(COUNT))


@pytest.mark.parametrize("shuffle", [False, True])
def test_the_places_of_batches_are_known_without_their_pixels(
    data: CellData, monkeypatch: pytest.MonkeyPatch, shuffle: bool
) -> None:
    expected = [batch.index.tolist() for batch in batches(data, 5, seed=4, epoch=2, shuffle=shuffle)]
    monkeypatch.setattr(PixelStore, "batch", None)
    found = batch_places(data, 5, seed=4, epoch=2, shuffle=shuffle)
    assert [places.tolist() for places in found] == expected
    with pytest.raises(SettingsError, match=r"^A batch needs at least 1 cell; got 0\.$"):
        batch_places(data, 0)


def test_epochs_and_seeds_differ(data: CellData) -> None:
    orders = {tuple(epoch_order(data.ids, seed, epoch)) for seed in range(3) for epoch in range(3)}
    assert len(orders) == 9
    first, second = (
        next(iter(batches(data, COUNT, seed=1, epoch=epoch, augmentation=AUGMENTATION))) for epoch in (0, 1)
    )
    assert not np.array_equal(first.pixels, second.pixels)


def test_the_order_comes_from_the_ids_alone(data: CellData) -> None:
    turned = data.subset(np.arange(COUNT)[::-1])
    names = [data.ids[place] for place in epoch_order(data.ids, 7, 2)]
    assert [turned.ids[place] for place in epoch_order(turned.ids, 7, 2)] == names


def test_every_order_is_as_likely() -> None:
    ids = ["a", "b", "c"]
    seen, counts = np.unique([epoch_order(ids, 5, epoch) for epoch in range(1200)], axis=0, return_counts=True)
    assert len(seen) == 6
    assert ((counts > 150) & (counts < 250)).all()


def test_subset_keeps_cells_together(data: CellData) -> None:
    part = data.subset(np.array([3, 0]))
    assert (len(part), part.ids) == (2, [data.ids[3], data.ids[0]])
    assert np.array_equal(part.labels, data.labels[[3, 0]])
    assert np.array_equal(part.store.batch(part.rows), data.store.batch(data.rows[[3, 0]]))


def test_no_cells_no_batches(data: CellData) -> None:
    empty = data.subset(np.zeros(0, dtype=np.int64))
    assert list(batches(empty, 4)) == list(batches(empty, 4, prefetch=False)) == []


def test_the_next_batch_is_made_while_one_is_used(data: CellData) -> None:
    running = batches(data, 5)
    next(running)
    deadline = time.monotonic() + 5
    names = {thread.name for thread in threading.enumerate()}
    assert any(name.startswith("batches") for name in names)
    running.close()  # type: ignore[attr-defined]
    while any(thread.name.startswith("batches") for thread in threading.enumerate()):
        assert time.monotonic() < deadline


def test_errors_of_the_thread_arrive(data: CellData) -> None:
    class Broken(PixelStore):
        def batch(self, rows: np.ndarray) -> np.ndarray:
            raise DataError(f"{len(rows)} rows are gone.")

    broken = Broken(data.store.folder, FRAMING)
    with pytest.raises(DataError, match=r"^5 rows are gone\.$"):
        list(batches(CellData(broken, data.rows, data.ids, data.labels), 5))


def test_what_is_refused(data: CellData) -> None:
    with pytest.raises(SettingsError, match=r"^A batch needs at least 1 cell; got 0\.$"):
        batches(data, 0)
    for settings_ in ({"shuffle": True}, {"augmentation": AUGMENTATION}):
        with pytest.raises(SettingsError, match=r"^A drawn order or augmentation needs a seed\.$"):
            batches(data, 4, **settings_)  # type: ignore[arg-type]
    with pytest.raises(DataError) as caught:
        CellData(data.store, data.rows, data.ids[1:], data.labels)
    assert str(caught.value) == "Cells need a row, an id and a label each; there are 13 rows, 12 ids, 13 labels."
    with pytest.raises(DataError, match=r"^A row is not in the store, which has 13 pictures\.$"):
        CellData(data.store, data.rows + 1, data.ids, data.labels)
