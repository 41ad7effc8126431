"""The model card and the checklist of a bundle: what ``bundle.json`` says, for people who read no JSON."""

from __future__ import annotations

from pathlib import Path

from leukoscope.bundles.fields import read_fields
from leukoscope.bundles.model_card.checklist import checklist
from leukoscope.bundles.model_card.page import model_card
from leukoscope.files import write_text

MODEL_CARD, CHECKLIST = "MODEL_CARD.md", "CHECKLIST.md"

__all__ = ["CHECKLIST", "MODEL_CARD", "checklist", "model_card", "write_model_card"]


def write_model_card(folder: Path | str) -> tuple[Path, Path]:
    """Write ``MODEL_CARD.md`` and ``CHECKLIST.md`` of a bundle, from its ``bundle.json`` alone.

    What stood in them before is replaced; the bundle itself is left as it is.

    Args:
        folder: A bundle of any kind.

    Returns:
        The two files.

    Raises:
        BundleError: there is no bundle, or its ``bundle.json`` is damaged or was changed.
    """
    folder = Path(folder)
    fields = read_fields(folder)
    write_text(folder / MODEL_CARD, model_card(fields))
    write_text(folder / CHECKLIST, checklist(fields))
    return folder / MODEL_CARD, folder / CHECKLIST
