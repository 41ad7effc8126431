from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from leukoscope import api
from leukoscope.cli.sweep import parse_seeds, parse_values, sweep
from leukoscope.errors import SettingsError


class Done:
    """What a sweep returns, as far as the verb looks at it."""

    def __init__(self, *failed: str) -> None:
        self.failed = list(failed)

    def __str__(self) -> str:
        return "Study [done]"


def called(monkeypatch: pytest.MonkeyPatch, done: Done, *arguments: str) -> tuple[int, str, dict[str, Any]]:
    """Run the verb; return exit code, what was printed, and what the library was asked for."""
    asked: dict[str, Any] = {}

    def note(recipe: str, cohort: object, **settings: object) -> Done:
        asked.update(settings, recipe=recipe, cohort=cohort)
        return done

    monkeypatch.setattr(api, "sweep", note, raising=False)
    app = typer.Typer()
    app.command("sweep")(sweep)
    found = CliRunner().invoke(app, list(arguments))
    return found.exit_code, found.output, asked


def test_everything_that_is_typed_reaches_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    code, said, asked = called(
        monkeypatch, Done(), "drawn", "--out", "runs/study", "--seeds", "0,3", "--peek", "--split-seed", "fixed",
        "--grid", "bag.aggregator=mean,{top_k: {k: 10}}", "--grid", "bag.cells=5,null", "--set", "stages.0.epochs=2",
        "--rescore", "drawn:test_time.rotations=4", "--choose", "stages.0.rates=1e-3,1e-4",
        "--weights", "weights", "--device", "cpu", "--store", "pixels", "--allow-leakage", "to see", "--folds", "3",
    )  # fmt: skip
    command = asked.pop("command")  # of the process, whatever typer was called with
    assert (code, said) == (0, "Study [done]\n")
    assert command.split()[0] == "leukoscope"
    assert asked == {
        "recipe": "drawn",
        "cohort": None,
        "out": Path("runs/study"),
        "seeds": [0, 3],
        "folds": 3,
        "grid": {"bag.aggregator": ["mean", {"top_k": {"k": 10}}], "bag.cells": [5, None]},
        "rescore": {"drawn:test_time.rotations": [4]},
        "choose": {"stages.0.rates": ["1e-3", "1e-4"]},
        "changes": ["stages.0.epochs=2"],
        "split_seed": "fixed",
        "weights": Path("weights"),
        "allow_leakage": "to see",
        "store": Path("pixels"),
        "device": "cpu",
        "peek": True,
        "show": True,
    }


def test_how_many_seeds_is_the_library_s_word_where_nobody_says(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = called(monkeypatch, Done(), "drawn", "--out", "runs/study")[2]
    assert (asked["seeds"], asked["folds"]) == (None, None)


def test_a_failed_run_is_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    assert called(monkeypatch, Done("seed3"), "drawn", "--out", "x")[0] == 1


def test_a_folder_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "sweep", None, raising=False)
    with pytest.raises(SettingsError) as caught:
        sweep("drawn")
    assert str(caught.value) == "The study needs a folder.\n  what to do: --out runs/study"


@pytest.mark.parametrize("text", ["", "many", "-1", "1,x", "1.5", ","])
def test_seeds_are_numbers(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_seeds(text)
    assert str(caught.value) == (
        f"Seeds are a number, or numbers with commas; got {text!r}.\n  what to do: --seeds 5, --seeds 0,3,7"
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            ["bag.cells"],
            "What --grid varies is written name=value,value; got 'bag.cells'.\n  what to do: --grid bag.cells=5,10",
        ),
        (["a=1", "a=2"], "'a' is there twice.\n  what to do: --grid a=a,b"),
        (["a={b: 1"], "The values of 'a' are not YAML: '{b: 1'."),
    ],
)
def test_values_that_cannot_be_read_are_told(values: list[str], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_values(values, "--grid")
    assert str(caught.value) == message


@pytest.mark.parametrize("option", ["--grid", "--rescore", "--choose"])
def test_each_option_has_an_example_of_its_own(option: str) -> None:
    with pytest.raises(SettingsError, match=f"do: {option} [a-z_.0]+="):
        parse_values(["nothing"], option)
