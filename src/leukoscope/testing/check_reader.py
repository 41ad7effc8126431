"""The conformance suite of readers: what every reader of a data set must keep to."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from leukoscope.cohort.readers.reader import Reader
from leukoscope.testing.contract import require
from leukoscope.testing.reader_checks import descriptions, places, refusals, rows, traces
from leukoscope.testing.reader_example import Example

CHECKS: tuple[Callable[[Example], None], ...] = (
    descriptions.describes_itself,
    descriptions.lists_its_options,
    descriptions.is_plain_json,
    rows.has_names_and_sources,
    rows.has_portable_paths,
    rows.has_files,
    rows.has_labels,
    rows.has_reasons,
    rows.has_sentences_as_notes,
    rows.is_saved_and_loaded,
    places.keeps_order,
    places.can_be_moved,
    places.can_be_linked,
    places.can_be_named_relatively,
    places.takes_any_name,
    refusals.recognises_its_own,
    refusals.recognises_no_other,
    refusals.refuses_a_missing_path,
    refusals.refuses_an_empty_folder,
    refusals.refuses_another_layout,
    traces.writes_nothing,
    traces.reads_what_is_read_only,
    traces.opens_no_picture,
    traces.survives_stray_files,
    traces.survives_a_missing_picture,
)
"""Each takes the example and raises where the contract is broken."""


def check_reader(reader: Reader, path: str | Path, **options: Any) -> None:  # noqa: ANN401 - the reader's own options
    """Check that a reader keeps to what Leukoscope relies on.

    Every check works on a copy of the example, so that nothing is changed; all faults are told at once. No test runner
    is needed; within one, this is a whole test.

    Args:
        reader: The reader.
        path: A small data set in its layout: the top folder, or a table with the pictures beside it. Its pictures may
            be empty files, for a reader opens none; it must hold two cells of one class (or of one patient).
        **options: What the reader is given with each read; paths among them relative to the example.

    Raises:
        AssertionError: the contract is broken; a sentence a fault.

    Example:
        >>> import tempfile
        >>> from leukoscope.cohort.readers import READERS
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for name in ("basophil/BA_1.jpg", "basophil/BA_2.jpg", "monocyte/MO_1.jpg"):
        ...         file = Path(folder, "pbc", name)
        ...         file.parent.mkdir(parents=True, exist_ok=True)
        ...         file.touch()
        ...     check_reader(READERS["pbc"], Path(folder, "pbc"))
    """
    example = Path(path)
    require(example.exists(), f"An example of the layout is needed, and there is nothing at {example}.")
    with tempfile.TemporaryDirectory() as scratch:
        Example(reader, example, Path(scratch), options).read()
        faults = [fault for check in CHECKS if (fault := _fault(check, reader, example, Path(scratch), options))]
    require(
        not faults, "\n".join([f"The reader {reader.name!r} breaks its contract:", *(f"- {one}" for one in faults)])
    )


def _fault(
    check: Callable[[Example], None], reader: Reader, path: Path, scratch: Path, options: dict[str, Any]
) -> str | None:
    """Return what a check has to say; None where the contract is kept."""
    try:
        check(Example(reader, path, scratch / check.__name__, options))
    except AssertionError as fault:
        return str(fault)
    return None
