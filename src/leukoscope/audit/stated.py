"""What publications state of data sets, as far as the tables can be held against it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Stated:
    """Figures stated of one data set.

    Args:
        patients: How many patients the reports count; None where nothing can be held against it.
        count: Who counts them so, in words.
        above: Fact to the value that each patient's must lie above, by the criteria of inclusion, with its unit.
    """

    patients: int | None = None
    count: str = ""
    above: dict[str, tuple[float, str]] = field(default_factory=dict)


STATED: dict[str, Stated] = {
    "lyon": Stated(
        patients=204,
        count="the challenge's reports count 204, and divide them 142 + 42, which is 184",
        above={"lymphocyte_count": (4.0, "× 10⁹/l")},  # noqa: RUF001 - as laboratories write it
    ),
}
"""By the name of the reader."""
