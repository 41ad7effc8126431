from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest
import torch

from leukoscope.doctor.device import ask_device


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without any card."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda _: None)


@pytest.mark.usefixtures("bare")
def test_without_a_card_the_processor_is_taken() -> None:
    (row,) = ask_device()
    assert (row.value, row.verdict, row.facts) == ("takes the processor", "ok", {"device": "cpu"})


@pytest.mark.usefixtures("bare")
def test_cards_are_named_with_their_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    about = SimpleNamespace(name="Card X", total_memory=24 * 2**30, major=8, minor=9)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: about)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    auto, first, second = ask_device()
    assert auto.facts == {"device": "cuda"}
    assert (first.name, first.value) == ("cuda:0", "Card X, 24 GiB of memory")
    assert (second.name, first.facts["capability"]) == ("cuda:1", "8.9")


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(("cuda", "do"), [(None, "built for processors only"), ("12.8", "CUDA_VISIBLE_DEVICES")])
def test_a_card_that_torch_does_not_see_is_a_note(monkeypatch: pytest.MonkeyPatch, cuda: str | None, do: str) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/nvidia-smi")
    monkeypatch.setattr(torch.version, "cuda", cuda)
    _, row = ask_device()
    assert row.verdict == "note"
    assert do in (row.do or "")


@pytest.mark.usefixtures("bare")
def test_apple_s_processor_is_named_as_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert ask_device()[-1].value == "Apple's graphics processor is there; Leukoscope does not use it"
