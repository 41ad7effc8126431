from __future__ import annotations

import random
import shutil
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leukoscope.errors import DataError
from leukoscope.fetching.connection import InterruptedTransferError, Patience
from leukoscope.fetching.downloading import MEGABYTE, Tries, download, in_words
from leukoscope.fetching.source import RemoteFile

CONTENT = random.Random(0).randbytes(200_000)
OTHER = random.Random(1).randbytes(200_000)


@pytest.fixture
def file(site: Any) -> RemoteFile:
    site.files["/cells.npz"] = CONTENT
    return RemoteFile("cells.npz", f"{site.address}/cells.npz?download=1")


def ranges(site: Any) -> list[str | None]:
    return [wanted for _, wanted in site.asked]


def test_a_file_is_got_whole(site: Any, file: RemoteFile, patience: Patience, tmp_path: Path) -> None:
    part = download(file, tmp_path / "new", patience)
    assert part.path.read_bytes() == CONTENT
    assert part.path.name == "cells.npz.part"
    assert not part.target.exists()  # not before it has been checked
    assert ranges(site) == [None]


def test_a_cut_connection_is_gone_on_with(site: Any, file: RemoteFile, patience: Patience, tmp_path: Path) -> None:
    site.cuts = [70_000, 50_000]
    assert download(file, tmp_path, patience).path.read_bytes() == CONTENT
    assert ranges(site) == [None, "bytes=70000-", "bytes=120000-"]


def test_after_too_many_cuts_the_same_command_goes_on(
    site: Any, file: RemoteFile, patience: Patience, tmp_path: Path
) -> None:
    site.cuts = [50_000, 0, 10_000]
    with pytest.raises(DataError) as caught:
        download(file, tmp_path, patience)
    assert str(caught.value) == (
        "The connection was cut 3 times in a row: 60,000 of 200,000 bytes came.\n"
        f"  where: {file.url}\n"
        "  what to do: Run the same command again: it goes on where it stopped."
    )
    site.asked.clear()
    assert download(file, tmp_path, patience).path.read_bytes() == CONTENT
    assert ranges(site) == ["bytes=60000-"]


def test_what_is_whole_already_is_not_asked_for(
    site: Any, file: RemoteFile, patience: Patience, tmp_path: Path
) -> None:
    download(file, tmp_path, patience)
    site.asked.clear()
    assert download(file, tmp_path, patience).path.read_bytes() == CONTENT
    assert site.asked == []


def test_a_server_without_ranges_is_asked_for_the_whole(
    site: Any, file: RemoteFile, patience: Patience, tmp_path: Path
) -> None:
    site.ranges = False
    site.cuts = [70_000]
    assert download(file, tmp_path, patience).path.read_bytes() == CONTENT
    assert ranges(site) == [None, "bytes=70000-"]


@pytest.mark.parametrize("marked", [True, False])
def test_a_file_that_has_changed_is_got_anew(site: Any, file: RemoteFile, tmp_path: Path, marked: bool) -> None:
    once = Patience(timeout=2.0, tries=1, wait=0.0)
    site.etag = '"one"' if marked else 'W/"one"'  # a weak mark can't be sent along; it is compared afterwards
    site.cuts = [70_000]
    with pytest.raises(DataError, match="cut 1 time in"):
        download(file, tmp_path, once)
    site.etag, site.files["/cells.npz"] = site.etag.replace("one", "two"), OTHER
    assert download(file, tmp_path, Patience(2.0, 2, 0.0)).path.read_bytes() == OTHER


def test_a_file_that_has_become_shorter_is_got_anew(
    site: Any, file: RemoteFile, patience: Patience, tmp_path: Path
) -> None:
    site.etag = None
    site.cuts = [70_000]
    with pytest.raises(DataError):
        download(file, tmp_path, Patience(2.0, 1, 0.0))
    site.files["/cells.npz"] = CONTENT[:1000]  # the server answers 416
    assert download(file, tmp_path, patience).path.read_bytes() == CONTENT[:1000]


def test_a_part_of_unknown_origin_is_not_gone_on_with(
    site: Any, file: RemoteFile, patience: Patience, tmp_path: Path
) -> None:
    (tmp_path / "cells.npz.part").write_bytes(b"of something else")
    assert download(file, tmp_path, patience).path.read_bytes() == CONTENT
    (tmp_path / "cells.npz.part.json").write_text("{", encoding="utf-8")
    assert download(file, tmp_path, patience).path.read_bytes() == CONTENT
    assert ranges(site) == [None, None]


@pytest.mark.parametrize("cuts", [[], [60_000]])
def test_a_server_that_does_not_say_the_size(
    site: Any, file: RemoteFile, patience: Patience, tmp_path: Path, cuts: list[int]
) -> None:
    site.chunked, site.cuts = True, cuts
    assert download(file, tmp_path, patience).path.read_bytes() == CONTENT


def test_a_server_that_falls_silent_counts_as_cut(site: Any, file: RemoteFile, tmp_path: Path) -> None:
    site.pauses = [0.6]
    part = download(file, tmp_path, Patience(timeout=0.2, tries=3, wait=0.0))
    assert part.path.read_bytes() == CONTENT
    assert len(site.asked) == 2


def test_a_busy_server_is_asked_again(site: Any, file: RemoteFile, patience: Patience, tmp_path: Path) -> None:
    site.answers = [503, 429]
    assert download(file, tmp_path, patience).path.read_bytes() == CONTENT


def test_offline_is_said_at_once_with_what_to_do(patience: Patience, tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/cells.npz"
    with pytest.raises(DataError) as caught:
        download(RemoteFile("cells.npz", url), tmp_path, patience)
    assert str(caught.value) == (
        f"The server can't be reached: Connection refused.\n  where: {url}\n"
        "  what to do: Check the connection, and whether a proxy is needed (https_proxy=http://…). On a machine "
        "without network: get the file elsewhere, or name a mirror with --from."
    )


def test_another_size_than_the_published_one_is_said_before_anything_is_written(
    file: RemoteFile, patience: Patience, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=r"The file there has 200,000 bytes; the published one has 5\."):
        download(RemoteFile(file.name, file.url, size=5), tmp_path, patience)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_before_anything_is_written(
    file: RemoteFile, patience: Patience, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100_000))
    with pytest.raises(DataError) as caught:
        download(file, tmp_path, patience)
    assert str(caught.value) == (
        "There is too little room on the disk: 200 kB are needed, 100 kB are free.\n"
        f"  where: {tmp_path}\n"
        "  what to do: Free some space, or name another folder with --out."
    )
    assert not (tmp_path / "cells.npz.part").exists()


def test_waits_are_doubled_and_a_megabyte_starts_the_count_anew() -> None:
    waited: list[float] = []
    tries = Tries("here", Patience(tries=4, wait=1.0), sleep=waited.append)
    cut = InterruptedTransferError("cut", answered=True)
    for got in (0, 0, 0, MEGABYTE, 0):
        tries.failed(cut, got)
    tries.failed(InterruptedTransferError("busy", answered=True, wait=7.0))
    assert waited == [1.0, 2.0, 4.0, 1.0, 2.0, 7.0]
    with pytest.raises(DataError, match="cut 4 times in a row"):
        tries.failed(cut)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 3000), max_size=6), size=st.integers(0, 9000), ranged=st.booleans())
def test_whatever_is_cut_the_bytes_are_the_server_s(
    site: Any, tmp_path: Path, cuts: list[int], size: int, ranged: bool
) -> None:
    site.files["/x.bin"], site.cuts, site.ranges = CONTENT[:size], list(cuts), ranged
    shutil.rmtree(tmp_path)
    part = download(RemoteFile("x.bin", f"{site.address}/x.bin"), tmp_path, Patience(2.0, 8, 0.0))
    assert (part.path.read_bytes() if size else b"") == CONTENT[:size]


def test_sizes_in_words() -> None:
    assert [in_words(size) for size in (0, 9_999, 10_000, 999_999, 10**6, 10**9)] == [
        "0 bytes", "9999 bytes", "10 kB", "1000 kB", "1.0 MB", "1.00 GB",
    ]  # fmt: skip
