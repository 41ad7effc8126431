from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from leukoscope.cli import main as command_line
from leukoscope.cli.options import parse_pairs
from leukoscope.errors import SettingsError


def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run the command line in this process: exit code, standard output, standard error."""
    monkeypatch.setattr(sys, "argv", ["leukoscope", *arguments])
    with pytest.raises(SystemExit) as stopped:
        command_line.main()
    printed = capsys.readouterr()
    return int(stopped.value.code or 0), printed.out, printed.err


def test_help_and_import_do_not_load_torch() -> None:
    code = "import leukoscope, leukoscope.cli.main, sys; assert not {'torch', 'timm', 'polars'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_verb_is_listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(monkeypatch, capsys, "--help")
    assert code == 0
    assert all(verb in out for verb in command_line.VERBS)
    assert "not a medical device" in " ".join(out.split())


def test_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(monkeypatch, capsys, "--version")[:2] == (0, "leukoscope 0.1.0\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train"], "Error: The run needs a folder.\n  what to do: --out runs/first\n"),
        (
            ["recipes", "shw"],
            "Error: recipes cannot 'shw'.\n  what to do: leukoscope recipes list | show NAME | fields\n",
        ),
    ],
)
def test_what_can_be_mended_is_one_message_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    code, out, err = said(monkeypatch, capsys, *arguments)
    assert (code, out, err) == (2, "", message)


def test_an_unknown_data_set_offers_the_nearest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = said(monkeypatch, capsys, "datasets", "cnm")
    assert code == 2
    assert err.startswith("Error: There is no data set 'cnm'.\n  what to do: Did you mean 'cnmc'?")


@pytest.mark.parametrize("arguments", [["datasets"], ["datasets", "cnmc"], ["recipes"], ["recipes", "fields"]])
def test_lists_are_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    code, out, err = said(monkeypatch, capsys, *arguments)
    assert (code, err) == (0, "")
    assert len(out.splitlines()) > 5


def test_a_recipe_is_shown_with_its_changes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = said(monkeypatch, capsys, "recipes", "show", "quick", "--set", "seed=7")
    assert code == 0
    assert "\nseed: 7 " in out


def test_a_recipe_of_several_models_is_shown_with_a_patch(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = said(monkeypatch, capsys, "recipes", "show", "baldi2021-ensemble", "--set", "patch=small")
    assert code == 0
    assert out.startswith("# Its patches: --set patch=small")
    assert "\nname: baldi2021-ensemble " in out
    assert out.count("    set: {patch: small} ") == 4


def test_recipes_of_several_models_are_listed_too_with_their_patches(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = said(monkeypatch, capsys, "recipes", "list")
    rows = {cells[1].strip(): cells[4].strip() for line in out.splitlines() if len(cells := line.split("│")) > 4}
    assert rows["baldi2021-ensemble"].startswith("small")
    assert rows["drawn"] == ""


def test_what_stands_in_brackets_is_listed_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = said(monkeypatch, capsys, "recipes", "fields")
    assert "[grad_cam," in out
    assert "members.NAME.set" in out


def test_a_full_disk_is_one_message(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "runs/x")

    monkeypatch.setattr(command_line, "app", full)
    code, _, err = said(monkeypatch, capsys)
    way = "Free some space or name a folder that can be written."
    assert (code, err) == (
        2,
        f"Error: No space left on device.\n  where: runs/x\n  what to do: {way}\n",
    )


def test_pairs_are_read_as_yaml() -> None:
    assert parse_pairs(["a=1", "b={x: y}", "c="]) == {"a": 1, "b": {"x": "y"}, "c": None}
    with pytest.raises(SettingsError, match="An option is written name=value; got 'a'"):
        parse_pairs(["a"])


def test_python_m_leukoscope_is_the_command_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "leukoscope", "--version"], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout == "leukoscope 0.1.0\n"
