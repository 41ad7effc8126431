"""A global statistic: something that can be known of a picture, or of a patient, without looking at the cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["technical", "colour", "cell", "clinical", "all"]
Unit = Literal["cell", "patient"]


@dataclass(frozen=True)
class Statistic:
    """One thing by which a class might be told.

    Args:
        name: Its name in tables: ``file size``.
        kind: ``technical``: how the file came about (size, format, order); it can say nothing of the cell. ``colour``:
            stain and light. ``cell``: how large the cell is and how much structure it shows; partly biology.
            ``clinical``: a fact about the patient.
        columns: The columns of the table that it is made of, numbers or text.
        phrase: How it stands in a sentence: ``the size of the file``.
        seen: Whether a network can take it from the picture that it is given; an order of names it cannot.
    """

    name: str
    kind: Kind
    columns: tuple[str, ...]
    phrase: str
    seen: bool = True
