from __future__ import annotations

from typing import ClassVar

import pytest
from pydantic import Field

from leukoscope.errors import SettingsError
from leukoscope.pictures.steps import Step, parse_steps


class Blur(Step):
    name: ClassVar[str] = "blur"
    radius: float = Field(gt=0)


class Mix(Step):
    name: ClassVar[str] = "mix"
    share: float = Field(ge=0, le=1)
    twice: bool = False


KNOWN: dict[str, type[Step]] = {"blur": Blur, "mix": Mix}


def test_short_and_long_forms() -> None:
    steps = parse_steps(
        [{"blur": 2}, {"blur": {"radius": 2.0}}, {"mix": {"share": 1, "twice": True}}, {"mix": 0.5}], KNOWN, "x"
    )
    assert steps[0] == steps[1] == Blur(radius=2.0)
    assert [step.entry() for step in steps[1:]] == [
        {"blur": 2.0},
        {"mix": {"share": 1.0, "twice": True}},
        {"mix": {"share": 0.5, "twice": False}},
    ]


def test_all_faults_are_told_at_once() -> None:
    entries = [{"blur": -1}, {"blurr": 2}, {"mix": {"shares": 1}}, {}, {"blur": float("nan")}, {"blur": 1}, "blur"]
    with pytest.raises(SettingsError) as caught:
        parse_steps(entries, KNOWN, "framing")  # type: ignore[arg-type]
    assert str(caught.value) == (
        "The framing cannot be used:\n"
        "  - step 1: blur: radius must be greater than 0; got -1.\n"
        "  - step 2: there is no 'blurr'. Did you mean 'blur'? Known: blur, mix.\n"
        "  - step 3: mix lacks the setting 'share'.\n"
        "  - step 3: mix has no setting 'shares'. Did you mean 'share'? Known: share, twice.\n"
        "  - step 4: it must be one name with its value, {name: value}; got {}.\n"
        "  - step 5: blur: radius must be a finite number; got nan.\n"
        "  - step 7: it must be one name with its value, {name: value}; got 'blur'.\n"
        "  what to do: Mend 'framing' in the recipe."
    )
