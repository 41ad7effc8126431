"""Lists of steps, as recipes name them: ``[{center_crop: 300}, {resize: 128}]``; every fault is found in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from leukoscope.errors import SettingsError, nearest


class Step(BaseModel):
    """One named step with its declared settings; subclasses name themselves and declare fields.

    A step is written ``{name: value}`` where it has one setting, ``{name: {setting: value, ...}}`` in any case.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    name: ClassVar[str]

    def entry(self) -> dict[str, Any]:
        """Return the step as it is written in a recipe, plain JSON values, the short form where there is one."""
        values = self.model_dump(mode="json")
        return {self.name: next(iter(values.values())) if len(values) == 1 else values}


AnyStep = TypeVar("AnyStep", bound=Step)


def parse_steps(
    entries: Sequence[Mapping[str, Any]], known: Mapping[str, type[AnyStep]], setting: str
) -> tuple[AnyStep, ...]:
    """Read a list of steps.

    Args:
        entries: One mapping of one name to its value each.
        known: The steps there are, by name.
        setting: The list's name in the recipe, for errors.

    Raises:
        SettingsError: unknown names (with the nearest right one), wrong values; all faults at once.
    """
    steps: list[AnyStep] = []
    faults: list[str] = []
    for number, entry in enumerate(entries, start=1):
        read, found = _step(entry, known)
        faults += [f"step {number}: {fault}" for fault in found]
        steps += [] if read is None else [read]
    if faults:
        listed = "".join(f"\n  - {fault}" for fault in faults)
        raise SettingsError(f"The {named(setting)} cannot be used:{listed}", do=f"Mend '{setting}' in the recipe.")
    return tuple(steps)


def named(setting: str) -> str:
    """Return a list of steps as a sentence names it: ``framing``, but ``list balance.bagging.copies``."""
    return f"list {setting}" if "." in setting else setting


def _step(entry: Mapping[str, Any], known: Mapping[str, type[AnyStep]]) -> tuple[AnyStep | None, list[str]]:
    if not isinstance(entry, Mapping) or len(entry) != 1:
        return None, [f"it must be one name with its value, {{name: value}}; got {entry!r}."]
    [(name, value)] = entry.items()
    if name not in known:
        return None, [f"there is no {name!r}. {nearest(str(name), known)}"]
    kind = known[name]
    values = value if isinstance(value, Mapping) else {next(iter(kind.model_fields)): value}
    try:
        return kind.model_validate(dict(values)), []
    except ValidationError as error:
        return None, [_plain(kind, fault) for fault in error.errors()]


def _plain(kind: type[Step], fault: Any) -> str:  # noqa: ANN401 - pydantic's own dictionary
    field = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"{kind.name} has no setting {field!r}. {nearest(field, kind.model_fields)}"
    if fault["type"] == "missing":
        return f"{kind.name} lacks the setting {field!r}."
    message = str(fault["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")
    return f"{kind.name}: {field} must be {message}; got {fault['input']!r}."
