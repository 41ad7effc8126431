"""What a reader must know of one patient's fact."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Remark:
    """A fact that was missing, or unlike any that the model has learnt from.

    Args:
        patient: Whose fact it is.
        fact: The fact's name.
        text: What is odd, and what was done; a sentence without its full stop.

    Example:
        >>> print(Remark("P3", "age", "150 lies outside of the 24 to 94 of the training patients"))
        P3, age: 150 lies outside of the 24 to 94 of the training patients.
    """

    patient: str
    fact: str
    text: str

    def __str__(self) -> str:
        return f"{self.patient}, {self.fact}: {self.text}."
