"""How a check says that a contract is broken."""

from __future__ import annotations


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
