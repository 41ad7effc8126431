from __future__ import annotations

import json
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from leukoscope.bundles.fields import read_fields
from leukoscope.bundles.loading import load_bundle
from leukoscope.bundles.reference import Reference, first_cells
from leukoscope.bundles.saving import save_bundle
from leukoscope.bundles.seals import SEALS, seals_of
from leukoscope.drawn import reference_pictures
from leukoscope.errors import BundleError
from leukoscope.evaluation.out_of_distribution import fit_out_of_distribution
from leukoscope.files import read_json, sha256, write_json
from leukoscope.models.cell_look import look_at, widths_of
from leukoscope.models.network import Network, cells_of

CELLS = pl.DataFrame(
    {"id": [f"c{n}" for n in range(40)], "patient": [f"P{n % 5}" for n in range(40)], "label": ["hem", "all"] * 20}
)


@cache
def looks(model: Network, number: int, seed: int) -> np.ndarray:
    framed = np.stack([picture[::2, ::2] for picture in reference_pictures(64, number, seed=seed)])
    pixels = torch.from_numpy(framed).permute(0, 3, 1, 2).float() / 255
    return look_at(cells_of(model.eval()), pixels)


def reference_of(model: Network, pictures: int = 10) -> Reference:
    nobody = pl.Series([None] * 30, dtype=pl.String)
    train = looks(model, 40, 1)
    fitted = fit_out_of_distribution(train, looks(model, 30, 2), nobody, widths_of(train))
    return Reference(fitted, first_cells(CELLS, 10), tuple(b"jpeg %d" % number for number in range(pictures)))


@pytest.fixture(params=["cells", "patients"])
def both(request: pytest.FixtureRequest, made: Any, of_patients: Any) -> Any:
    return made if request.param == "cells" else of_patients


def test_a_bundle_keeps_its_reference_cells(both: Any, tmp_path: Path) -> None:
    reference = reference_of(both.model)
    save_bundle(tmp_path / "bundle", both.model, both.card, reference=reference)
    names = {
        path.relative_to(tmp_path / "bundle").as_posix() for path in (tmp_path / "bundle" / "reference").rglob("*.*")
    }
    pictures = {f"reference/pictures/{number}.jpg" for number in range(1, 11)}
    assert names == {"reference/cells.csv", "reference/expected.json", "reference/features.safetensors", *pictures}
    bundle = load_bundle(tmp_path / "bundle")
    assert bundle.reference is not None
    assert bundle.reference.pictures == reference.pictures
    assert bundle.reference.cells.equals(reference.cells)
    assert bundle.card.out_of_distribution == reference.fitted.as_json()
    new = looks(both.model, 6, 9)
    assert bundle.reference.distances(new).tolist() == reference.distances(new).tolist()
    rows, apart = bundle.reference.nearest(looks(both.model, 40, 1)[:3], number=2)
    assert rows[:, 0].tolist() == [0, 1, 2]
    assert apart[:, 0] == pytest.approx(0, abs=1e-2)
    assert bundle.reference.cells["id"].to_list() == [f"c{number}" for number in range(10)]


def test_without_reference_nothing_of_it_is_there(made: Any, tmp_path: Path) -> None:
    card = replace(made.card, out_of_distribution={"limit": 1.0})
    save_bundle(tmp_path / "bundle", made.model, card)
    assert not (tmp_path / "bundle" / "reference").exists()
    assert "out_of_distribution" not in read_fields(tmp_path / "bundle")
    assert load_bundle(tmp_path / "bundle").reference is None


def test_pictures_may_be_left_out(made: Any, tmp_path: Path) -> None:
    save_bundle(tmp_path / "bundle", made.model, made.card, reference=reference_of(made.model, pictures=0))
    assert not (tmp_path / "bundle" / "reference" / "pictures").exists()
    bundle = load_bundle(tmp_path / "bundle")
    assert bundle.reference is not None
    assert bundle.reference.pictures == ()


@pytest.fixture(scope="module")
def once_with(made: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("with") / "bundle"
    save_bundle(folder, made.model, made.card, reference=reference_of(made.model))
    return folder


@pytest.fixture
def saved_with(once_with: Path, tmp_path: Path) -> Path:
    """A copy of its own, to be spoilt."""
    return Path(shutil.copytree(once_with, tmp_path / "bundle"))


def reseal(folder: Path, **fields: Any) -> None:
    """Change fields, and the sums of the files, as someone who knows how would."""
    old = read_json(folder / "bundle.json")
    files = {name: sha256(folder / name) for name in old["files"] if (folder / name).is_file()}
    new = {**old, "files": files, **fields}
    write_json(folder / "bundle.json", {**new, SEALS: seals_of(new)})


def test_a_changed_limit_breaks_its_seal(saved_with: Path) -> None:
    fields = read_json(saved_with / "bundle.json")
    fields["out_of_distribution"]["limit"] *= 2
    (saved_with / "bundle.json").write_text(json.dumps(fields), encoding="utf-8")
    with pytest.raises(BundleError, match=r"'out_of_distribution' was changed after .* Other cells would be flagged"):
        load_bundle(saved_with)


def test_another_s_features_are_noticed(saved_with: Path) -> None:
    path = saved_with / "reference" / "features.safetensors"
    path.write_bytes(path.read_bytes()[:-8] + b"\0" * 8)
    with pytest.raises(BundleError, match=r"^A file of the bundle is not the one that was saved"):
        load_bundle(saved_with)


def test_a_limit_that_was_sealed_anew_is_told_by_the_self_test(saved_with: Path) -> None:
    own = read_json(saved_with / "bundle.json")["out_of_distribution"]
    reseal(saved_with, out_of_distribution=own | {"limit": 2 * own["limit"]})
    with pytest.raises(BundleError, match=r"^The bundle does not give the distances that it was saved with: picture 1"):
        load_bundle(saved_with)


def test_features_that_are_none_are_refused(saved_with: Path) -> None:
    (saved_with / "reference" / "cells.csv").write_text("number,id\n1,c0\n", encoding="utf-8")
    reseal(saved_with)
    with pytest.raises(BundleError, match=r"^The bundle's reference cells cannot be read\. "):
        load_bundle(saved_with)
