"""The classes of a cohort: their names in order, what they mean, and which one is positive."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from leukoscope.errors import SettingsError, nearest


@dataclass(frozen=True)
class Classes:
    """Class names in the order of a model's outputs.

    Args:
        names: Short names as they stand in tables, ``("hem", "all")``; at least two, all different.
        titles: What each means, for people; the names themselves where not given.
        positive: For two classes, the one that sensitivity speaks of; the second where not given. None for more.

    Raises:
        SettingsError: fewer than two classes, a name twice, titles of another number, an unknown positive class.

    Example:
        >>> classes = Classes(("hem", "all"), ("normal", "leukaemic"))
        >>> classes.positive, classes.index("all"), classes.title("hem")
        ('all', 1, 'normal')
    """

    names: tuple[str, ...]
    titles: tuple[str, ...] = ()
    positive: str | None = None

    def __post_init__(self) -> None:
        if len(self.names) < 2:  # noqa: PLR2004 - a pair
            found = ", ".join(self.names) or "none"
            raise SettingsError(f"At least two classes are needed to tell cells apart; found: {found}.")
        if len(set(self.names)) < len(self.names):
            raise SettingsError(f"A class is named twice: {', '.join(self.names)}.")
        if not self.titles:
            object.__setattr__(self, "titles", self.names)
        if len(self.titles) != len(self.names):
            raise SettingsError(f"There are {len(self.names)} classes but {len(self.titles)} titles.")
        if self.positive is None and self.binary:
            object.__setattr__(self, "positive", self.names[1])
        if self.positive is not None and self.positive not in self.names:
            raise SettingsError(f"There is no class {self.positive!r}.", do=nearest(self.positive, self.names))
        if self.positive is not None and not self.binary:
            raise SettingsError("A positive class can only be named where there are two classes.")

    @property
    def binary(self) -> bool:
        """Whether there are exactly two classes."""
        return len(self.names) == 2  # noqa: PLR2004

    def __len__(self) -> int:
        return len(self.names)

    def index(self, name: str) -> int:
        """Return a class's place among the outputs.

        Raises:
            SettingsError: there is no such class.
        """
        if name not in self.names:
            raise SettingsError(f"There is no class {name!r}.", do=nearest(name, self.names))
        return self.names.index(name)

    def title(self, name: str) -> str:
        """Return what a class means, in words for people."""
        return self.titles[self.index(name)]

    def as_json(self) -> dict[str, Any]:
        """Return the classes as plain JSON values."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Classes:
        """Make classes from what ``as_json`` returned."""
        return cls(tuple(value["names"]), tuple(value["titles"]), value["positive"])
