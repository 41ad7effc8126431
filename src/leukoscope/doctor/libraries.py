"""Whether torch, torchvision and timm can be used here, and what was done so that they can."""

from __future__ import annotations

import importlib

from leukoscope.doctor.row import Row

TOPIC = "networks"


def ask_libraries() -> list[Row]:
    """Import torch, torchvision (by way of its cure) and timm, one after the other, and say how it went."""
    rows = [_torch()]
    if rows[0].verdict == "ok":
        rows += [_torchvision(), _import("timm", "all of timm's networks can be made")]
    return rows


def _torch() -> Row:
    return _import("torch", "works")


def _import(name: str, works: str) -> Row:
    try:
        importlib.import_module(name)
    except (ImportError, OSError, RuntimeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        do = f"pip install --force-reinstall {name}"
        return Row(TOPIC, name, f"can't be imported: {reason}", "problem", do, {"works": False})
    return Row(TOPIC, name, works, facts={"works": True})


def _torchvision() -> Row:
    from leukoscope.models.torchvision_cure import cure  # noqa: PLC0415 - it imports torch, which may be broken

    try:
        done = cure()
    except (ImportError, OSError, RuntimeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        do = "Install the torchvision that belongs to this torch; constraints.txt names a pair that was tested."
        return Row(TOPIC, "torchvision", f"can't be imported: {reason}", "problem", do, {"works": False})
    facts = {"works": True, "operators": done.operators, "version": done.version, "reason": done.reason}
    if done.operators == "own":
        return Row(TOPIC, "torchvision", "works", facts=facts)
    value = "works, cured: it was built for another torch, and its own operators stay out of use"
    return Row(TOPIC, "torchvision", value, facts=facts)
