"""The card of a bundle of several models: which they are, how they are combined, how good they are together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from leukoscope.bundles.card import OF_ELSEWHERE, RESEARCH_USE_ONLY
from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError, counted

KIND = "ensemble"
FEWEST = 2
PLAIN = r"(?!\d+$)\w[\w.+-]*"
"""A member's name that can be a folder's on every machine, and is not taken for a number."""


@dataclass(frozen=True)
class EnsembleCard:
    """Everything about an ensemble but its members, which are whole bundles themselves.

    Args:
        name: What it is called: the ensemble's name.
        classes: The classes, in the order of the probabilities; those of every member.
        rule: The name of the rule that combines the members.
        fitted: What the rule fitted on the validation part (``Fitted.as_json``).
        members: The members' names, in the order in which the rule was fitted.
        threshold: From which probability of the positive class on it is called; None for more than two classes.
        trained_on: JSON values: what all members were trained on.
        leakage: The reasons given for leaking splits; None where there was none.
        scores: JSON values: the headline of the test part's scores.
        about: JSON values: what all members' cards say alike, and what is known of the scores beyond the headline, as
            of ``BundleCard``; ``members``: each one's name, network, first weights, and whether it
            ``flags`` strange cells. Empty in earlier bundles.
        home: As of ``BundleCard``, of the answers of all members together; of the pictures each member's card tells.
        recalibrated: As of ``BundleCard``, of the threshold alone; ``pictures``: those that it was chosen on, as of
            ``models.seen.Seen``.

    Raises:
        SettingsError: fewer than two members, one twice, or a threshold that is none of a probability.
    """

    name: str
    classes: Classes
    rule: str
    fitted: dict[str, Any]
    members: tuple[str, ...]
    threshold: float | None = None
    trained_on: dict[str, Any] = field(default_factory=dict)
    leakage: str | None = None
    scores: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    home: dict[str, Any] | None = None
    recalibrated: dict[str, Any] | None = None
    task: ClassVar[Literal["cells"]] = "cells"

    def __post_init__(self) -> None:
        if len(set(self.members)) < max(FEWEST, len(self.members)):
            raise SettingsError(
                f"A bundle of several models needs two or more of different names; found "
                f"{counted(len(self.members), 'name')}: {', '.join(self.members)}."
            )
        if self.threshold is not None and not (self.classes.binary and 0 <= self.threshold <= 1):
            raise SettingsError(
                f"A threshold is a probability, 0 to 1, and only for two classes; found {self.threshold} "
                f"for {len(self.classes)} classes."
            )

    @property
    def recalibrated_on(self) -> frozenset[str]:
        """The pictures that its threshold was chosen on after its members were trained, as of ``Seen.pictures``."""
        return frozenset((self.recalibrated or {}).get("pictures", ()))

    @property
    def folders(self) -> dict[str, str]:
        """Each member's folder within the bundle, by its name: ``members/NAME``, or its number where that cannot be."""
        return folders_of(self.members)

    def as_json(self) -> dict[str, Any]:
        """Return the card as plain JSON values."""
        return {
            "kind": KIND,
            "name": self.name,
            "use": RESEARCH_USE_ONLY,
            "classes": self.classes.as_json(),
            "rule": self.rule,
            "fitted": self.fitted,
            "members": [{"name": name, "folder": folder} for name, folder in self.folders.items()],
            "threshold": self.threshold,
            "trained_on": self.trained_on,
            "leakage": self.leakage,
            "scores": self.scores,
            **({"about": self.about} if self.about else {}),
            **{name: getattr(self, name) for name in OF_ELSEWHERE if getattr(self, name) is not None},
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> EnsembleCard:
        """Make a card from what ``as_json`` returned.

        Raises:
            SettingsError: a value that this version does not know.
        """
        same = ("name", "rule", "fitted", "threshold", "trained_on", "leakage", "scores")
        elsewhere: dict[str, Any] = {name: value.get(name) for name in OF_ELSEWHERE}
        return cls(
            classes=Classes.from_json(value["classes"]),
            members=tuple(member["name"] for member in value["members"]),
            about=value.get("about", {}),
            **elsewhere,
            **{name: value[name] for name in same},
        )


def folders_of(names: Iterable[str]) -> dict[str, str]:
    """Return each member's folder within a bundle.

    Args:
        names: The members' names: a run's folder name, or a path where two runs have one name.

    Example:
        >>> folders_of(["first", "/runs/b/net", "/runs/c/net"])
        {'first': 'members/first', '/runs/b/net': 'members/2', '/runs/c/net': 'members/3'}
    """
    return {
        name: f"members/{name if re.fullmatch(PLAIN, name) else number}" for number, name in enumerate(names, start=1)
    }
