"""How a check says that a contract is broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Example = TypeVar("Example")


def require(kept: object, otherwise: str) -> None:
    """Raise with a plain sentence where a contract is not kept; unlike ``assert`` it holds under ``python -O`` too.

    Args:
        kept: Anything; what is false is a fault.
        otherwise: What the contract is and how it was broken.

    Raises:
        AssertionError: the contract is not kept.
    """
    if not kept:
        raise AssertionError(otherwise)


def fault_of(check: Callable[[Example], None], example: Example) -> str | None:
    """Return what a check has to say of an example; None where the contract is kept."""
    try:
        check(example)
    except AssertionError as fault:
        return str(fault)
    return None
