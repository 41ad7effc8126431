from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from leukoscope.cli.fetch import fetch
from leukoscope.errors import DataError, LeukoscopeError, SettingsError
from leukoscope.fetching.sources import SOURCES


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        del format, args


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[str]:
    served = tmp_path / "served"
    served.mkdir()
    (served / "bloodmnist.npz").write_bytes(b"<html>log in</html>")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(served))) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def run(*arguments: str, **environment: str) -> str:
    """Run the verb in this process and return what it prints; its errors pass through."""
    app = typer.Typer()
    app.command()(fetch)
    done = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "100", **environment})
    if done.exception is not None:
        raise done.exception
    assert done.exit_code == 0
    return done.stdout


def test_without_a_name_all_are_listed() -> None:
    out = run()
    assert all(name in out for name in SOURCES)
    assert out.index("pbc") < out.index("Only a person can get these") < out.index("cnmc")


def test_of_a_set_that_needs_a_person_the_steps_are_printed() -> None:
    out = run("cnmc")
    assert "1. Open https://www.cancerimagingarchive.net/collection/c-nmc-2019/" in out
    assert "ascli faspex5 packages receive --url='ADDRESS' --to-folder=data/cnmc" in out
    assert out.endswith("then: leukoscope audit FOLDER --reader cnmc\n")


def test_a_wrong_name_offers_the_nearest() -> None:
    with pytest.raises(SettingsError, match="Did you mean 'bccd'"):
        run("bcd")


def test_a_mirror_by_flag_or_environment_is_used_and_checked(mirror: str, tmp_path: Path) -> None:
    for arguments, environment in ((["--from", mirror], {}), ([], {"LEUKOSCOPE_MIRROR": mirror})):
        with pytest.raises(DataError, match="expected MD5 7053d0359d879ad8a5505303e11de1dc"):
            run("bloodmnist", "--out", str(tmp_path / "out"), *arguments, **environment)
    assert (tmp_path / "out" / "bloodmnist.npz.wrong").read_bytes() == b"<html>log in</html>"


def test_a_file_is_no_folder_to_fetch_into(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    with pytest.raises(LeukoscopeError) as raised:
        run("bloodmnist", "--out", str(tmp_path / "file"))
    assert str(raised.value) == (
        f"A folder is needed here, and this is a file.\n  where: {tmp_path}/file\n  what to do: Name another --out."
    )
