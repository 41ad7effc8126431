from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from leukoscope.cohort.readers import READERS, bloodmnist
from leukoscope.errors import DataError, SettingsError
from leukoscope.fetching import SOURCES, fetch
from leukoscope.fetching.connection import Patience
from leukoscope.fetching.source import Archive, Digest, RemoteFile
from leukoscope.fetching.sources import pbc

NAMES = {"basophil": "BA", "monocyte": "MO"}
ZIP = "PBC_dataset_normal_DIB.zip"


def zip_of_cells(**extra: bytes) -> bytes:
    """A PBC of five cells; no reader opens the pictures."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as written:
        for folder, numbers in {"basophil": (1, 2), "monocyte": (3, 4, 5)}.items():
            for number in numbers:
                name = f"PBC_dataset_normal_DIB/{folder}/{NAMES[folder]}_{number}.jpg"
                written.writestr(name, bytes([number]) * 50)
        for name, content in extra.items():
            written.writestr(f"PBC_dataset_normal_DIB/{name}", content)
    return buffer.getvalue()


@pytest.fixture
def served(site: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A site that is Mendeley to the program, with a PBC of five cells."""
    content = zip_of_cells()
    site.files[f"/store/{ZIP}"] = content
    describe(site, content)
    download = SOURCES["pbc"].download
    assert download is not None
    small = Archive("PBC_dataset_normal_DIB", {"basophil": 2, "monocyte": 3}, "a test", 20, 10_000)

    def ask(file: RemoteFile, patience: Patience) -> RemoteFile:
        return pbc.ask_mendeley(file, patience, f"{site.address}/api/files")

    source = replace(SOURCES["pbc"], download=replace(download, archive=small, ask=ask))
    monkeypatch.setitem(SOURCES, "pbc", source)
    return site


def describe(site: Any, content: bytes, **changes: Any) -> None:
    """Let the site say what Mendeley says of its file."""
    details = {
        "download_url": f"{site.address}/store/{ZIP}",
        "size": len(content),
        "sha256_hash": hashlib.sha256(content).hexdigest(),
        **changes,
    }
    site.files["/api/files"] = json.dumps([{"filename": ZIP, "content_details": details}]).encode()


def test_pbc_is_fetched_checked_unpacked_and_read(served: Any, patience: Patience, tmp_path: Path) -> None:
    found = fetch("pbc", tmp_path, patience=patience)
    digest = hashlib.sha256(served.files[f"/store/{ZIP}"]).hexdigest()
    assert found.path == tmp_path / "PBC_dataset_normal_DIB"
    assert found.checks == (
        f"SHA-256 {digest}, published by Mendeley Data",
        f"{len(served.files[f'/store/{ZIP}'])} bytes",
        "the CRC-32 of each picture in the zip",
        "5 pictures, in each class as many as published (a test)",
    )
    assert dict(found.cohort.counts().select("label", "cells").iter_rows()) == {"basophil": 2, "monocyte": 3}
    assert found.next_command == f"leukoscope audit {tmp_path}/PBC_dataset_normal_DIB --reader pbc"
    record = json.loads((tmp_path / "fetched.json").read_text(encoding="utf-8"))["files"][ZIP]
    assert (record["sha256"], record["licence"], record["published"]["value"]) == (digest, "CC BY 4.0", digest)
    assert not list(tmp_path.glob("*.part*"))


def test_a_second_time_needs_no_network(served: Any, patience: Patience, tmp_path: Path) -> None:
    fetch("pbc", tmp_path, patience=patience)
    served.asked.clear()
    checks = fetch("pbc", tmp_path, patience=patience).checks
    (tmp_path / "PBC_dataset_normal_DIB" / "basophil" / "BA_1.jpg").unlink()
    again = fetch("pbc", tmp_path, patience=patience)
    assert served.asked == []
    assert checks[-1] == "it was there already; nothing was fetched"
    assert again.cohort.cells.height == 5


def test_a_cut_is_gone_on_with_by_a_second_command(served: Any, tmp_path: Path) -> None:
    once = Patience(timeout=2.0, tries=1, wait=0.0)
    served.cuts = [10_000, 300]  # the list of files comes whole; the zip does not
    with pytest.raises(DataError, match="Run the same command again: it goes on where it stopped"):
        fetch("pbc", tmp_path, patience=once)
    fetch("pbc", tmp_path, patience=once)
    assert served.asked[-1] == (f"/store/{ZIP}", "bytes=300-")


def test_a_wrong_checksum_is_said_and_nothing_is_unpacked(served: Any, patience: Patience, tmp_path: Path) -> None:
    describe(served, served.files[f"/store/{ZIP}"], sha256_hash="0" * 64)
    with pytest.raises(DataError, match=f"expected SHA-256 {'0' * 64} \\(Mendeley Data\\), got [0-9a-f]{{64}}"):
        fetch("pbc", tmp_path, patience=patience)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != ".lock") == [f"{ZIP}.wrong"]


def test_without_a_published_checksum_this_is_said(served: Any, patience: Patience, tmp_path: Path) -> None:
    content = served.files[f"/store/{ZIP}"]
    describe(served, content, sha256_hash=None, size=None)
    checks = fetch("pbc", tmp_path, patience=patience).checks
    digest = hashlib.sha256(content).hexdigest()
    assert checks[0] == f"no checksum is known beforehand; the SHA-256 of what came is {digest}"
    assert checks[-1] == "5 pictures, in each class as many as published (a test)"


def test_too_few_pictures_are_said(served: Any, patience: Patience, tmp_path: Path) -> None:
    content = zip_of_cells(**{"basophil/BA_6.jpg": b"one too many"})
    served.files[f"/store/{ZIP}"] = content
    describe(served, content)
    with pytest.raises(DataError) as caught:
        fetch("pbc", tmp_path, patience=patience)
    assert str(caught.value).startswith(
        "The numbers of pictures are not the published ones (a test): basophil: 3 of 2.\n"
        f"  where: {tmp_path}/PBC_dataset_normal_DIB\n"
    )


def test_a_mirror_takes_the_publisher_s_place(served: Any, patience: Patience, tmp_path: Path) -> None:
    for number, mirror in enumerate((f"{served.address}/store/", f"{served.address}/store/{ZIP}?x=1")):
        served.asked.clear()
        fetch("pbc", tmp_path / str(number), mirror=mirror, patience=patience)
        assert [path.partition("?")[0] for path, _ in served.asked] == [f"/store/{ZIP}"]


def test_a_list_that_does_not_name_the_file_is_said(served: Any, patience: Patience, tmp_path: Path) -> None:
    for answer in (b"[]", b"{}", b'[{"filename": "other.zip"}]', f'[{{"filename": "{ZIP}"}}]'.encode()):
        served.files["/api/files"] = answer
        with pytest.raises(DataError, match=f"Mendeley's list of files does not name {ZIP}"):
            fetch("pbc", tmp_path, patience=patience)


@pytest.mark.usefixtures("served")
def test_the_file_that_changed_on_disk_is_said(patience: Patience, tmp_path: Path) -> None:
    folder = fetch("pbc", tmp_path, patience=patience).path
    (folder / "basophil" / "BA_1.jpg").unlink()
    (tmp_path / ZIP).write_bytes(zip_of_cells(a=b"x"))
    with pytest.raises(DataError, match="The file has changed since it was fetched: its SHA-256 was"):
        fetch("pbc", tmp_path, patience=patience)


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(
    ("content", "what"), [("{", "This is not a JSON file: "), ("[]", "This is no record of what was fetched.")]
)
def test_a_damaged_record_is_said(patience: Patience, tmp_path: Path, content: str, what: str) -> None:
    folder = fetch("pbc", tmp_path, patience=patience).path
    (folder / "basophil" / "BA_1.jpg").unlink()
    (tmp_path / "fetched.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        fetch("pbc", tmp_path, patience=patience)
    assert str(caught.value).startswith(what)
    assert str(caught.value).endswith(
        f"\n  where: {tmp_path}/fetched.json\n  what to do: Delete it; the file is checked again."
    )
    (tmp_path / "fetched.json").unlink()
    assert fetch("pbc", tmp_path, patience=patience).path == folder


def test_bloodmnist_is_fetched_checked_and_read(
    site: Any, patience: Patience, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    buffer = io.BytesIO()
    parts = {f"{part}_images": np.zeros((2, 28, 28, 3), np.uint8) for part in ("train", "val", "test")}
    labels = {f"{part}_labels": np.array([[0], [7]], np.uint8) for part in ("train", "val", "test")}
    np.savez_compressed(buffer, **parts, **labels)
    site.files["/bloodmnist.npz"] = buffer.getvalue()
    download = SOURCES["bloodmnist"].download
    assert download is not None
    digest = Digest("md5", hashlib.md5(buffer.getvalue()).hexdigest(), "a test")
    small = replace(download, files={"28": replace(download.files["28"], digest=digest)})
    monkeypatch.setitem(SOURCES, "bloodmnist", replace(SOURCES["bloodmnist"], download=small))
    monkeypatch.setitem(READERS, "bloodmnist", bloodmnist.READER)
    site.cuts = [500]
    found = fetch("bloodmnist", tmp_path, mirror=site.address, patience=patience)
    assert found.path == tmp_path / "bloodmnist.npz"
    assert found.checks[0] == f"MD5 {digest.value}, published by a test"
    assert found.cohort.cells.height == 6
    assert site.asked == [("/bloodmnist.npz", None), ("/bloodmnist.npz", "bytes=500-")]
    assert fetch("bloodmnist", tmp_path, patience=patience).checks[1] == "it was there already; nothing was fetched"


def test_bloodmnist_by_a_mirror_is_held_to_its_published_md5(site: Any, patience: Patience, tmp_path: Path) -> None:
    site.files["/bloodmnist_64.npz"] = b"not the published bytes"
    with pytest.raises(DataError, match=r"expected MD5 2b94928a2ae4916078ca51e05b6b800b \(MedMNIST"):
        fetch("bloodmnist", tmp_path, size="64", mirror=site.address, patience=patience)
    (tmp_path / "bloodmnist.npz").write_bytes(b"the user's own")
    with pytest.raises(DataError, match="Nothing was changed: move the file away, or name another --out"):
        fetch("bloodmnist", tmp_path, mirror=site.address, patience=patience)
    assert (tmp_path / "bloodmnist.npz").read_bytes() == b"the user's own"


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("bloodmnst", {}, "No data set 'bloodmnst' is known.\n  what to do: Did you mean 'bloodmnist'?"),
        ("bloodmnist", {"size": "32"}, "There is no bloodmnist of size '32'.\n  what to do: Known: 28, 64, 128, 224."),
        (
            "pbc",
            {"size": "28"},
            "There is no pbc of size '28'.\n  what to do: Leave --size out: pbc comes in one size.",
        ),
        ("pbc", {"mirror": "file:///x"}, "Only addresses with http:// or https:// can be fetched from."),
        ("cnmc", {}, "cnmc can't be fetched without a person.\n  what to do: leukoscope fetch cnmc prints the steps"),
    ],
)
def test_wrong_settings_are_said(tmp_path: Path, name: str, settings: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        fetch(name, tmp_path, **settings)  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)
    assert list(tmp_path.iterdir()) == []
