"""What a reader is, and how a data set is described to people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from leukoscope.cohort.classes import Classes
from leukoscope.cohort.cohort import Cohort
from leukoscope.cohort.groups import ClassGroups
from leukoscope.cohort.readers.known_links import KnownLink, known_groups
from leukoscope.cohort.readers.listing import Listing


@dataclass(frozen=True)
class Option:
    """A keyword that a reader takes.

    Args:
        name: The keyword.
        meaning: What it does, in a sentence.
        default: Its value where it is not given.
    """

    name: str
    meaning: str
    default: Any = None


@dataclass(frozen=True)
class Description:
    """A data set, or a layout, in words.

    Args:
        title: What it is, for people.
        contents: What is in it, with the numbers as published.
        layout: The folders and files that the reader expects.
        sources: Citations, with DOIs where they are known.
        licence: The licence as its publisher states it; ``not stated`` otherwise.
        classes: The classes; None where they come from the folders or the table.
        official: The data set's own division: part (``train``, ``validation``, ``test``) to values of ``place``; only
            places whose labels are published stand here if there are any.
        crop: Side in pixels of the centre square that every picture has and that holds nearly every cell; None where
            nothing is known.
        background: ``black`` where the cells were cut out, ``light`` for the smear, None where nothing is known.
        contradictions: Where publications contradict each other or the data, a sentence each.
        links: What is known of patients and pictures that must not be parted, in words.
        known_links: The patients among them, pair by pair; they travel with the cohort as its ``patient_links``.
        groups: What its classes have in common: groups that are asked for as one, lineages.
    """

    title: str
    contents: str
    layout: str
    sources: tuple[str, ...] = ()
    licence: str = "not stated"
    classes: Classes | None = None
    official: dict[str, tuple[str, ...]] = field(default_factory=dict)
    crop: int | None = None
    background: Literal["black", "light"] | None = None
    contradictions: tuple[str, ...] = ()
    links: str = "nothing is known"
    known_links: tuple[KnownLink, ...] = ()
    groups: ClassGroups = field(default_factory=ClassGroups)

    @property
    def known_groups(self) -> tuple[tuple[str, ...], ...]:
        """The patients who count as one by the known links, a tuple each."""
        return known_groups(self.known_links)

    @property
    def source(self) -> str:
        """The sources in one line; empty where there are none."""
        return "; ".join(self.sources)

    def as_json(self) -> dict[str, Any]:
        """Return the description as plain JSON values."""
        return {
            **asdict(self),
            "sources": list(self.sources),
            "classes": self.classes and self.classes.as_json(),
            "official": {part: list(places) for part, places in self.official.items()},
            "contradictions": list(self.contradictions),
            "groups": self.groups.as_json(),
            "known_links": [asdict(link) for link in self.known_links],
            "known_groups": [list(group) for group in self.known_groups],
        }


@dataclass(frozen=True, repr=False)
class Reader:
    """How one layout becomes a cohort.

    Args:
        name: What it is called, ``"cnmc"``.
        read: Makes the cohort from a path; its options are keywords only.
        recognises: Whether a folder's listing has this layout; opens no file.
        description: The data set in words.
        options: The keywords of ``read``, one by one.
        needs: What the path must be, a ``folder`` or a ``table``.
    """

    name: str
    read: Callable[..., Cohort]
    recognises: Callable[[Listing], bool]
    description: Description
    options: tuple[Option, ...] = ()
    needs: Literal["folder", "table"] = "folder"

    def as_json(self) -> dict[str, Any]:
        """Return name, description and options as plain JSON values, for the verb ``datasets``."""
        options = [asdict(option) for option in self.options]
        return {"name": self.name, **self.description.as_json(), "needs": self.needs, "options": options}

    def __repr__(self) -> str:
        lines = [f"Reader {self.name!r}: {self.description.title}", f"  {self.description.layout}"]
        lines += [f"  option {option.name} = {option.default!r}: {option.meaning}" for option in self.options]
        return "\n".join(lines)
