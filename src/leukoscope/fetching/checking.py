"""Whether what came is what was published."""

from __future__ import annotations

import hashlib
from pathlib import Path

from leukoscope.errors import DataError
from leukoscope.fetching.partial import Part
from leukoscope.fetching.source import Digest
from leukoscope.progress import progress

ALGORITHMS = ("md5", "sha256")
BLOCK = 1 << 20


def digests(path: Path) -> dict[str, str]:
    """Return a file's checksums.

    Args:
        path: The file.

    Returns:
        ``md5`` and ``sha256``, hexadecimal digits in lower case.
    """
    hashes = {name: hashlib.new(name, usedforsecurity=False) for name in ALGORITHMS}
    with progress(f"checking {path.name}, MiB", max(path.stat().st_size // BLOCK, 1)) as advance, path.open("rb") as it:
        while block := it.read(BLOCK):
            for made in hashes.values():
                made.update(block)
            advance(1)
    return {name: made.hexdigest() for name, made in hashes.items()}


def keep(part: Part, found: dict[str, str], published: Digest | None) -> Path:
    """Give a part its name, if its checksum is the published one; otherwise set it aside, and say so.

    Args:
        part: All bytes of the file.
        found: Its checksums.
        published: What they must be; None where nothing is published.

    Returns:
        The file.

    Raises:
        DataError: the checksum is another.
    """
    if published is not None and found[published.algorithm] != published.value:
        aside = part.target.with_name(f"{part.target.name}.wrong")
        part.path.replace(aside)
        part.discard()
        raise wrong(aside, found, published, "What came is kept there, and is not used.")
    part.path.replace(part.target)
    part.discard()
    return part.target


def wrong(path: Path, found: dict[str, str], published: Digest, kept: str) -> DataError:
    """Return the error that says which checksum was expected, and which was got."""
    name = published.algorithm.upper().replace("SHA256", "SHA-256")
    return DataError(
        f"The checksum is wrong: expected {name} {published.value} ({published.published_by}), "
        f"got {found[published.algorithm]}. {kept}",
        where=str(path),
        do="Run the same command again. If the checksum is wrong again, the file at the address has been changed, or "
        "something on the way changes it (a proxy, a login page): look into the file, and at the publisher's page.",
    )
