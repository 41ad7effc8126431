from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from leukoscope.cli import main as command_line
from leukoscope.service.limits import Limits
from leukoscope.service.settings import Settings


def typed(monkeypatch: pytest.MonkeyPatch, *words: str) -> list[Any]:
    """Type a command; return the bundle's folder and device, and the settings, that reach the service."""
    found: list[Any] = []

    def serve(opening: Any, settings: Settings) -> None:
        found.extend([opening(), settings])

    monkeypatch.setattr("leukoscope.service.running.serve", serve)
    monkeypatch.setattr("leukoscope.inference.opening.opened", lambda bundle, device: (bundle, device))
    monkeypatch.setattr(sys, "argv", ["leukoscope", "serve", "runs/a/bundle", *words])
    with pytest.raises(SystemExit) as caught:
        command_line.main()
    assert caught.value.code == (0 if found else 2)
    return found


def test_everything_that_is_typed_reaches_the_service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert typed(monkeypatch) == [(Path("runs/a/bundle"), "auto"), Settings()]
    token = tmp_path / "token.txt"
    token.write_text("0123456789abcdef\n", encoding="ascii")
    words = ["--host", "0.0.0.0", "--port", "9000", "--token-file", str(token), "--max-upload", "10"]
    words += ["--max-pictures", "20", "--max-pixels", "3.5", "--timeout", "40", "--queue", "5", "--keep", "kept"]
    limits = Limits(megabytes=10, pictures=20, megapixels=3.5, seconds=40, queue=5)
    settings = Settings("0.0.0.0", 9000, "0123456789abcdef", limits=limits, keep=Path("kept"))
    assert typed(monkeypatch, *words, "--device", "cpu") == [(Path("runs/a/bundle"), "cpu"), settings]


def test_a_host_that_others_reach_needs_a_token(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(monkeypatch, "--host", "0.0.0.0") == []
    assert "Whoever reaches 0.0.0.0 could use the service, and there is no token." in capsys.readouterr().err
    assert typed(monkeypatch, "--host", "0.0.0.0", "--no-token")[1].no_token
