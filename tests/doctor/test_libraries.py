from __future__ import annotations

import importlib

import pytest

from leukoscope.doctor import libraries
from leukoscope.doctor.libraries import ask_libraries
from leukoscope.models import torchvision_cure
from leukoscope.models.torchvision_cure import Cure


def test_here_all_work() -> None:
    assert [(row.name, row.verdict) for row in ask_libraries()] == [
        ("torch", "ok"), ("torchvision", "ok"), ("timm", "ok"),
    ]  # fmt: skip


@pytest.mark.parametrize(("operators", "value"), [("own", "works"), ("defined", "works, cured: it was built for")])
def test_the_cure_is_told(monkeypatch: pytest.MonkeyPatch, operators: str, value: str) -> None:
    monkeypatch.setattr(torchvision_cure, "cure", lambda: Cure(operators, "0.28", None, None))  # type: ignore[arg-type]
    row = ask_libraries()[1]
    assert row.value.startswith(value)
    assert (row.verdict, row.facts["operators"]) == ("ok", operators)


def test_a_broken_torch_is_a_problem_and_the_others_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise OSError(f"lib{name}.so: cannot open shared object file\nand more")

    monkeypatch.setattr(libraries.importlib, "import_module", broken)
    (row,) = ask_libraries()
    assert (row.name, row.verdict) == ("torch", "problem")
    assert row.value == "can't be imported: libtorch.so: cannot open shared object file"
    assert row.do == "pip install --force-reinstall torch"
    assert importlib.import_module is broken  # the stand-in was what was called


def test_a_broken_torchvision_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Cure:
        raise ImportError("No module named 'torchvision'")

    monkeypatch.setattr(torchvision_cure, "cure", broken)
    row = ask_libraries()[1]
    assert (row.verdict, row.value) == ("problem", "can't be imported: No module named 'torchvision'")
