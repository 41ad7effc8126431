from __future__ import annotations

from pathlib import Path

import pytest

from leukoscope.bundles.bundle import Bundle
from leukoscope.errors import SettingsError
from leukoscope.inference.opening import opened, refuse_other_ending, refuse_other_task, refuse_own_source


def test_a_loaded_bundle_stays_and_a_folder_is_read(bundle: Bundle, bundle_folder: Path) -> None:
    assert opened(bundle, "cpu") is bundle
    assert opened(str(bundle_folder), "cpu").card == bundle.card


def test_a_task_is_refused_by_the_other(bundle: Bundle, of_patients: Bundle) -> None:
    refuse_other_task(bundle, "cells")
    refuse_other_task(of_patients, "patients")
    with pytest.raises(SettingsError) as caught:
        refuse_other_task(of_patients, "cells")
    assert str(caught.value) == (
        f"The bundle 'sick' diagnoses patients, not single cells.\n  where: {of_patients.folder}"
    )


def test_tables_end_in_csv_or_parquet() -> None:
    refuse_other_ending(Path("said.csv"))
    with pytest.raises(SettingsError, match=r"must end in \.csv or \.parquet"):
        refuse_other_ending(Path("said.CSV.gz"))


def test_a_table_is_not_written_over_its_own_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refuse_own_source([tmp_path / "said.csv"], ["cells.csv", None, [tmp_path / "said.csv"]])
    with pytest.raises(SettingsError) as caught:
        refuse_own_source([tmp_path / "said.csv", tmp_path / "cells.csv"], ["cells.csv"])
    assert str(caught.value) == (
        f"Predictions would be written over the table that they are made of.\n  where: {tmp_path / 'cells.csv'}\n"
        "  what to do: Name another --out."
    )
