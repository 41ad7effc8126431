from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from leukoscope.errors import DataError
from leukoscope.fetching.checking import digests, keep
from leukoscope.fetching.partial import Part
from leukoscope.fetching.source import Digest

MD5 = hashlib.md5(b"cells").hexdigest()
SHA256 = hashlib.sha256(b"cells").hexdigest()


@pytest.fixture
def part(tmp_path: Path) -> Part:
    part = Part(tmp_path / "cells.npz")
    part.path.write_bytes(b"cells")
    part.note.write_text("{}", encoding="utf-8")
    return part


def test_digests_are_those_of_the_bytes(part: Part) -> None:
    assert digests(part.path) == {"md5": MD5, "sha256": SHA256}


@pytest.mark.parametrize("digest", [None, Digest("md5", MD5, "X"), Digest("sha256", SHA256, "X")])
def test_what_is_right_gets_its_name(part: Part, digest: Digest | None) -> None:
    assert keep(part, digests(part.path), digest).read_bytes() == b"cells"
    assert [path.name for path in part.target.parent.iterdir()] == ["cells.npz"]


def test_what_is_wrong_is_set_aside_and_said(part: Part) -> None:
    with pytest.raises(DataError) as caught:
        keep(part, digests(part.path), Digest("sha256", "0" * 64, "Mendeley Data"))
    aside = part.target.with_name("cells.npz.wrong")
    assert str(caught.value) == (
        f"The checksum is wrong: expected SHA-256 {'0' * 64} (Mendeley Data), got {SHA256}. "
        "What came is kept there, and is not used.\n"
        f"  where: {aside}\n"
        "  what to do: Run the same command again. If the checksum is wrong again, the file at the address has been "
        "changed, or something on the way changes it (a proxy, a login page): look into the file, and at the "
        "publisher's page."
    )
    assert aside.read_bytes() == b"cells"
    assert [path.name for path in part.target.parent.iterdir()] == ["cells.npz.wrong"]


def test_a_digest_says_what_it_is_and_who_says_so() -> None:
    assert str(Digest("sha256", "ab", "Mendeley Data")) == "SHA-256 ab, published by Mendeley Data"
    assert str(Digest("md5", "ab", "MedMNIST")) == "MD5 ab, published by MedMNIST"
