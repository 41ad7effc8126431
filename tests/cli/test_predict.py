from __future__ import annotations

import sys
from pathlib import Path

import cv2
import polars as pl
import pytest

from leukoscope.bundles.card import BundleCard
from leukoscope.bundles.saving import save_bundle
from leukoscope.cli import main as command_line
from leukoscope.cohort.classes import Classes
from leukoscope.drawn import reference_pictures
from leukoscope.facts.encoding import FactsEncoder
from leukoscope.models.building import build_model, build_patient_model
from leukoscope.pictures.framing import parse_framing
from leukoscope.recipes.schema import BagSettings, FactsSettings, ModelSettings

SETTINGS = ModelSettings(backbone="test_resnet", cut="layer2")
FRAMING = parse_framing([{"resize": 32}])
CLASSES = Classes(("reactive", "tumoral"))


def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    """Run ``leukoscope predict`` in this process: exit code, and all that it printed."""
    monkeypatch.setattr(sys, "argv", ["leukoscope", "predict", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        command_line.main()
    printed = capsys.readouterr()
    return int(stopped.value.code or 0), printed.err + printed.out


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of cells, ``cells``, and one of patients with their age, ``patients``."""
    folder = tmp_path_factory.mktemp("bundles")
    cells, _ = build_model(SETTINGS, 1, seed=3)
    save_bundle(folder / "cells", cells, BundleCard("cells", CLASSES, FRAMING, SETTINGS))
    facts = FactsSettings.model_validate({"inputs": {"age": "linear"}, "fusion": "gate"})
    encoder = FactsEncoder.fit(pl.DataFrame({"patient": ["P", "Q"], "age": [20, 70]}), facts.inputs)
    model, _ = build_patient_model(SETTINGS, BagSettings(), facts, 1, inputs=2, seed=3)
    card = BundleCard(
        "sick", CLASSES, FRAMING, SETTINGS, task="patients", facts=facts, encoder=encoder.as_json(), threshold=0.5
    )
    save_bundle(folder / "patients", model, card)
    return folder


@pytest.fixture
def lyon(tmp_path: Path) -> Path:
    """Three patients in the challenge's layout, the last two of unknown label."""
    folder, drawn = tmp_path / "lyon", iter(reference_pictures(40, 6, seed=1))
    for name in ("trainset/P1", "testset/P2", "testset/P3"):
        (folder / name).mkdir(parents=True)
        for number in range(2):
            cv2.imwrite(str(folder / name / f"{number}.jpg"), next(drawn)[:, :, ::-1])
    rows = ("P3,-1,F,1/2/1950,4.5", "P1,0,M,3/4/1940,80.0", "P2,-1,F,31-05-2001,12.5")
    table = "\n".join(["ID,LABEL,GENDER,DOB,LYMPH_COUNT", *rows])
    (folder / "clinical_annotation.csv").write_text(f"{table}\n", encoding="utf-8")
    return folder


def test_a_folder_of_patients_and_a_table_of_facts_become_a_table(
    bundles: Path, lyon: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out, facts = tmp_path / "said.csv", tmp_path / "facts.csv"
    facts.write_text("patient,age\nP2,150\nP3,\n", encoding="utf-8")
    arguments = (bundles / "patients", lyon / "testset", "--out", out, "--device", "cpu")
    code, printed = said(monkeypatch, capsys, *arguments, "--facts", facts)
    warned, predicted, called, beside = printed.splitlines()
    assert (code, predicted.startswith("2 patients predicted, in ")) == (0, True)
    assert warned == (
        "Warning: A fact is missing, or unlike those of all training patients: 2 patients, whose probability is less "
        "to be trusted (column 'remark' says which)."
    )
    table = pl.read_csv(out)
    calls = [f"{number} {name}" for name in CLASSES.names if (number := (table["called"] == name).sum())]
    assert called == f"  called: {', '.join(calls)}; tumoral from p = 0.5 on"
    assert table.select("patient", "cells").rows() == [("P2", 2), ("P3", 2)]
    assert beside == f"  cell by cell: {tmp_path / 'said_cells.csv'}"
    assert table["remark"][1] == "age: missing; the training patients' median, 45, stands in"
    code, printed = said(monkeypatch, capsys, *arguments)
    assert (code, printed.splitlines()[0]) == (
        2,
        "Error: The model takes facts of each patient that are not given: age.",
    )


def test_a_data_set_brings_its_own_facts_and_the_patients_without_label_a_submission(
    bundles: Path, lyon: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "said.csv"
    arguments = (bundles / "patients", lyon, "--out", out, "--device", "cpu")
    assert said(monkeypatch, capsys, *arguments, "--reader", "lyon")[0] == 0
    table = pl.read_csv(out)
    assert table.select("patient", "label").rows() == [("P3", None), ("P1", "reactive"), ("P2", None)]
    assert said(monkeypatch, capsys, *arguments, "--format", "lyon-submission")[0] == 0
    lines = out.read_text(encoding="utf-8").splitlines()
    called = dict(table.select("patient", "called").iter_rows())
    assert lines == ["ID,Predicted", *(f"{name},{int(called[name] == 'tumoral')}" for name in ("P3", "P2"))]


def test_a_bundle_of_cells_says_what_it_is_not_for(
    bundles: Path, lyon: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "said.csv"
    code, printed = said(
        monkeypatch, capsys, bundles / "cells", lyon, "--out", out, "--format", "lyon-submission", "--device", "cpu"
    )
    assert code == 2
    assert "Error: The bundle 'cells' classifies cells, it diagnoses nobody.\n" in printed
    assert said(monkeypatch, capsys, bundles / "cells", lyon / "testset", "--out", out, "--device", "cpu")[0] == 0
    assert pl.read_csv(out).columns[:3] == ["id", "path", "patient"]


@pytest.fixture
def numbered(tmp_path: Path) -> Path:
    """A folder of eleven numbered pictures."""
    folder = tmp_path / "phase3"
    folder.mkdir()
    for number, pixels in enumerate(reference_pictures(40, 11, seed=1), start=1):
        cv2.imwrite(str(folder / f"{number}.bmp"), pixels[:, :, ::-1])
    return folder


def test_numbered_pictures_become_the_cnmc_challenge_s_file(
    bundles: Path, numbered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "said.csv"
    arguments = (bundles / "cells", numbered, "--out", out, "--format", "cnmc-submission", "--device", "cpu")
    code, printed = said(monkeypatch, capsys, *arguments, "--expect", 11)
    rows = out.read_text(encoding="utf-8").split()
    assert (code, len(rows), set(rows) <= {"0", "1"}) == (0, 11, True)
    assert "11 cells predicted, in " in printed
    assert "  note: 1 is tumoral (" in printed
    out.unlink()
    code, printed = said(monkeypatch, capsys, *arguments, "--expect", 2586)
    assert (code, out.exists()) == (2, False)
    assert "There must be a picture for each number from 1 to 2,586; 2,575 missing: 12, 13, 14, 15, 16 and" in printed


def test_an_expected_number_is_for_that_file_alone(
    bundles: Path, numbered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = (bundles / "cells", numbered, "--out", tmp_path / "said.csv", "--expect", 11)
    assert said(monkeypatch, capsys, *arguments) == (
        2,
        "Error: --expect goes with --format cnmc-submission alone.\n  what to do: Leave it out.\n",
    )


def test_several_pictures_or_a_pattern_may_be_named_and_only_one_data_set(
    bundles: Path, numbered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "said.csv"
    rest = ("--out", out, "--device", "cpu")
    both = (numbered / "1.bmp", numbered / "2.bmp")
    assert said(monkeypatch, capsys, bundles / "cells", *both, *rest)[0] == 0
    assert pl.read_csv(out)["path"].to_list() == [str(path) for path in both]
    assert said(monkeypatch, capsys, bundles / "cells", numbered / "1*.bmp", *rest)[0] == 0
    assert pl.read_csv(out)["path"].to_list() == ["1.bmp", "10.bmp", "11.bmp"]
    assert said(monkeypatch, capsys, bundles / "cells", *both, *rest, "--reader", "folder") == (
        2,
        "Error: One data set is read at a time; 2 paths are given.\n  what to do: Name its folder or table alone.\n",
    )


def test_a_prediction_that_was_stopped_says_how_to_go_on(
    bundles: Path, numbered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out, known = tmp_path / "said.csv", tmp_path / "said.csv.part"
    arguments = (bundles / "cells", numbered, "--out", out, "--device", "cpu", "--batch", 4)
    with monkeypatch.context() as patch:

        def stopped(*_: object, **__: object) -> object:
            raise KeyboardInterrupt

        patch.setattr("leukoscope.inference.writing.write_blocks", stopped)
        code, printed = said(patch, capsys, *arguments)
    assert code != 0
    assert f"note: The rows that are known lie in {known}; the same call with --resume goes on." in printed
    assert said(monkeypatch, capsys, *arguments, "--resume")[0] == 0
    assert pl.read_csv(out).height == 11
    assert not known.exists()
    refused = said(monkeypatch, capsys, *arguments, "--resume", "--format", "cnmc-submission")
    assert refused == (2, "Error: --resume goes with --format table alone.\n  what to do: Leave it out.\n")
