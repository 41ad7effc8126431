"""Groups of classes that count as one: blasts, atypical cells, a lineage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from leukoscope.cohort.classes import Classes
from leukoscope.errors import SettingsError, nearest

REST, REST_TITLE = "other", "any other class"


@dataclass(frozen=True)
class ClassGroup:
    """Classes that count as one against all others; P(group) is the sum of theirs.

    Args:
        name: A short name as it stands in tables, ``"blast"``.
        title: What it is, for people; the name itself where not given.
        classes: The names of its classes, one or more.
        published: Published figures by metric, ``{"roc_auc": [0.991, 0.002]}`` with a deviation.
        source: Where these were published.

    Raises:
        SettingsError: it has no class, one twice, or the name of the rest.
    """

    name: str
    classes: tuple[str, ...]
    title: str = ""
    published: Mapping[str, Any] = field(default_factory=dict)
    source: str | None = None

    def __post_init__(self) -> None:
        if not self.title:
            object.__setattr__(self, "title", self.name)
        if not self.classes:
            raise SettingsError(f"The group {self.name!r} has no class.")
        if len(set(self.classes)) < len(self.classes):
            raise SettingsError(f"The group {self.name!r} names a class twice: {', '.join(self.classes)}.")
        if self.name == REST:
            raise SettingsError(f"A group cannot be called {REST!r}: that is what all other classes are called.")

    def absent(self, classes: Classes) -> tuple[str, ...]:
        """Return those of its classes that are not there."""
        return tuple(name for name in self.classes if name not in classes.names)

    def present(self, classes: Classes) -> tuple[str, ...]:
        """Return those of its classes that are there, in the order of all classes."""
        return tuple(name for name in classes.names if name in self.classes)

    def as_json(self) -> dict[str, Any]:
        """Return the group as plain JSON values."""
        return {**asdict(self), "classes": list(self.classes), "published": dict(self.published)}


@dataclass(frozen=True)
class ClassGroups:
    """What classes have in common.

    Args:
        groups: Classes that are asked for as one; they may overlap.
        lineages: Classes that descend from each other or from one ancestor; no class is of two. A class of none stands
            alone.

    Raises:
        SettingsError: a name stands twice, or a class is of two lineages.
    """

    groups: tuple[ClassGroup, ...] = ()
    lineages: tuple[ClassGroup, ...] = ()

    def __post_init__(self) -> None:
        for kind in (self.groups, self.lineages):
            names = [group.name for group in kind]
            if len(set(names)) < len(names):
                raise SettingsError(f"A group of classes is named twice: {_named(kind)}.")
        found: dict[str, str] = {}
        for lineage in self.lineages:
            for name in lineage.classes:
                if name in found:
                    both = f"{found[name]!r} and {lineage.name!r}"
                    raise SettingsError(f"The class {name!r} is of two lineages, {both}.", do="Name it in one.")
                found[name] = lineage.name

    def among(self, classes: Classes) -> ClassGroups:
        """Return the groups that can be told from the rest: some of their classes are there, and not only theirs.

        Lineages stay where two classes of one are there, else no error could stay within one. Of two classes there are
        no groups.
        """
        if classes.binary:
            return ClassGroups()
        told = [group for group in self.groups if 0 < len(group.present(classes)) < len(classes)]
        some = any(len(lineage.present(classes)) > 1 for lineage in self.lineages)
        return ClassGroups(tuple(told), self.lineages if some else ())

    def checked(self, classes: Classes) -> ClassGroups:
        """Return the groups, where somebody named them for these very classes: none may be lost in silence.

        Raises:
            SettingsError: one names a class that is not there (with the nearest that is), or cannot be told: it holds
                every class, the classes are two, or no lineage has two of them.
        """
        self._refuse_strangers(classes)
        if classes.binary and self:
            what = f"Groups are of more than two classes; here are two: {', '.join(classes.names)}."
            raise SettingsError(what, do="Leave groups and lineages out.")
        for group in self.groups:
            if len(group.classes) == len(classes):
                what = f"The group {group.name!r} holds every class: there is none to tell it from."
                raise SettingsError(what, do="Leave a class out of it, or leave the group out.")
        if self.lineages and all(len(lineage.classes) == 1 for lineage in self.lineages):
            what = f"No lineage has two classes, so that no error stays within one: {_named(self.lineages)}."
            raise SettingsError(what, do="Name two classes of one, or more: {granulocytic: [ig, neutrophil]}.")
        return self

    def _refuse_strangers(self, classes: Classes) -> None:
        for group in (*self.groups, *self.lineages):
            for name in group.absent(classes):
                what = f"The group {group.name!r} names the class {name!r}, which is not there."
                raise SettingsError(what, do=nearest(name, classes.names))

    def __bool__(self) -> bool:
        return bool(self.groups or self.lineages)

    def as_json(self) -> dict[str, Any]:
        """Return the groups as plain JSON values."""
        return {name: [group.as_json() for group in getattr(self, name)] for name in ("groups", "lineages")}

    def lineage_of(self, classes: Classes) -> list[str]:
        """Return the lineage of each class by name; the class's own name where it stands alone."""
        found = {name: lineage.name for lineage in self.lineages for name in lineage.classes}
        return [found.get(name, name) for name in classes.names]


def _named(groups: tuple[ClassGroup, ...]) -> str:
    return ", ".join(group.name for group in groups)


def groups_from(groups: Mapping[str, list[str]], lineages: Mapping[str, list[str]] | None = None) -> ClassGroups:
    """Return groups as a recipe, or a file, names them.

    Args:
        groups: Class names by group.
        lineages: Class names by lineage; none where not given.

    Raises:
        SettingsError: see ``ClassGroup`` and ``ClassGroups``.

    Example:
        >>> groups_from({"blast": ["MYO", "MOB"]}).groups[0].classes
        ('MYO', 'MOB')
    """
    kinds = (groups, lineages or {})
    made = [tuple(ClassGroup(name, tuple(classes)) for name, classes in kind.items()) for kind in kinds]
    return ClassGroups(*made)
